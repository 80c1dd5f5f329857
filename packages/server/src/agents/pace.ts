// How fast an agent that has its whole answer at once says it.
import type { Clock } from '../seams/clock.ts'

export interface Pace {
  /** Milliseconds before each piece. Default: 0, which waits for nothing. */
  readonly paceMs?: number
  /** What measures them. Default: the timers of this process. */
  readonly after?: Clock['after']
}

/** The pieces in order, each after its pause; ends early, and at once, when the signal aborts. */
export async function* paced(pieces: Iterable<string>, pace: Pace, signal: AbortSignal): AsyncGenerator<string> {
  const { paceMs = 0, after = byTimer } = pace
  for (const piece of pieces) {
    if (paceMs > 0) await pause(paceMs, after, signal)
    if (signal.aborted) return
    yield piece
  }
}

/** Words with the white space that follows them; joined they are the text again. */
export function wordsOf(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\s)(?=\S)/)
}

function pause(ms: number, after: Clock['after'], signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const stop = after(ms, done)
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
