// The real time and the real chance.
import type { Chance, Clock } from './seams.ts'

export const systemClock: Clock = {
  now: () => Date.now(),
  steady: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}

export const systemChance: Chance = {
  float: () => Math.random(),
  // Browsers have no `randomUUID` on pages that came over plain HTTP from another machine.
  uuid: () => uuidOf(Date.now(), crypto.getRandomValues(new Uint8Array(10))),
}

/** Version 7: the time, then chance. A log that keeps ids sorted finds the place of a new one at its end. */
function uuidOf(now: number, bytes: Uint8Array): string {
  const time = now.toString(16).padStart(12, '0')
  const hex = [...bytes].map((byte, index) => {
    const marked = index === 0 ? (byte & 0x0f) | 0x70 : index === 2 ? (byte & 0x3f) | 0x80 : byte
    return marked.toString(16).padStart(2, '0')
  })
  const groups = [hex.slice(0, 2), hex.slice(2, 4), hex.slice(4)].map((group) => group.join(''))
  return [time.slice(0, 8), time.slice(8), ...groups].join('-')
}
