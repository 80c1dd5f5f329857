// The end of a tick: what is to be done when all has been read that there was to read, and what comes last of all.

/** Does at the end of a tick what it gathered during the tick. */
export interface Last {
  end(): void
}

let soons: Last[] = []
let lasts: Last[] = []
let due = false

/** Runs at the end of this tick. */
export function soon(run: () => void): void {
  soons.push({ end: run })
  if (!due) wait()
}

/** Its turn comes after everything that is to be done soon. */
export function atEnd(last: Last): void {
  lasts.push(last)
  if (!due) wait()
}

function wait(): void {
  due = true
  setImmediate(turn)
}

function turn(): void {
  due = false
  const now = soons
  soons = []
  each(now)
  // With what was said by those.
  const then = lasts
  lasts = []
  each(then)
}

function each(items: readonly Last[]): void {
  for (const item of items) {
    try {
      item.end()
    } catch (cause) {
      // What one of them throws is not the others' affair.
      setImmediate(() => {
        throw cause
      })
    }
  }
}
