// How fast an agent that has its whole answer at once says it.
import type { Clock } from '../seams/clock.ts'

export interface Pace {
  /** Milliseconds before each piece. Default: 0, which waits for nothing. */
  readonly paceMs?: number
  /** What measures them. Default: the timers of this process. */
  readonly after?: Clock['after']
}

/**
 * The pieces in order, each after its pause; ends early, and at once, when the signal aborts. Returns whether all were
 * said.
 */
export async function* paced(
  pieces: Iterable<string>,
  pace: Pace,
  signal: AbortSignal,
): AsyncGenerator<string, boolean> {
  for (const piece of pieces) {
    await pause(1, pace, signal)
    if (signal.aborted) return false
    yield piece
  }
  return true
}

/** Words with the white space that follows them; joined they are the text again. */
export function wordsOf(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\s)(?=\S)/)
}

/** Waits as long as so many pieces take to say, or until the signal aborts. */
export function pause(pieces: number, pace: Pace, signal: AbortSignal): Promise<void> {
  const { paceMs = 0, after = byTimer } = pace
  return new Promise((resolve) => {
    if (signal.aborted || paceMs <= 0) return resolve()
    const stop = after(paceMs * pieces, done)
    signal.addEventListener('abort', done)
    function done(): void {
      stop()
      signal.removeEventListener('abort', done)
      resolve()
    }
  })
}

function byTimer(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}
