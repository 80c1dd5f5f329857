// How times are written, in the language of the browser.

const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' })
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' })
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' })
const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'long' })

const soon = new Intl.DateTimeFormat(undefined, { weekday: 'short', hour: 'numeric', minute: '2-digit' })

const DAY_MS = 86_400_000

export function clockTime(at: number): string {
  return clock.format(at)
}

export function fullTime(at: number): string {
  return full.format(at)
}

/** A time to come: today the clock tells it, within a week the day and the clock. */
export function untilTime(at: number, now: number): string {
  if (midnight(at) === midnight(now)) return clock.format(at)
  return at - now < 7 * DAY_MS ? soon.format(at) : full.format(at)
}

export function dayName(at: number, now: number): string {
  const days = Math.round((midnight(now) - midnight(at)) / DAY_MS)
  if (days === 0) return 'Today'
  if (days === 1) return 'Yesterday'
  return days < 300 ? day.format(at) : date.format(at)
}

function midnight(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0)
}

/** A time that has passed: today the clock tells it, before that the day. */
export function momentOf(at: number, now: number): string {
  return midnight(at) === midnight(now) ? clock.format(at) : dayName(at, now)
}
