// A room's signals: the latest of each kind, told so seldom that nobody is flooded, and to newcomers at once.
import { type Signal, signalKey } from '@parley/protocol'
import type { Stop } from '../seams/broker.ts'
import type { Clock } from '../seams/clock.ts'

/** What changes faster than this is told only as it is then. */
const EVERY_MS = 100

export interface SignalParts {
  readonly clock: Clock
  /** Whether what a signal is about has begun, so that those who hear it know of it. */
  begun(signal: Signal): boolean
  /** @param own those that were said in this process, for the others to hear. */
  tell(signals: readonly Signal[], own: readonly Signal[]): void
}

interface Said {
  readonly signal: Signal
  readonly own: boolean
}

export class Signals {
  readonly #parts: SignalParts
  readonly #latest = new Map<string, Said>()
  /** Not told yet. */
  readonly #fresh = new Set<string>()
  #toldAt = Number.NEGATIVE_INFINITY
  #timer: Stop | undefined

  constructor(parts: SignalParts) {
    this.#parts = parts
  }

  /** What was told and is still true. */
  get latest(): readonly Signal[] {
    return [...this.#latest].filter(([key]) => !this.#fresh.has(key)).map(([, { signal }]) => signal)
  }

  say(signal: Signal, own: boolean): void {
    const key = signalKey(signal)
    this.#latest.set(key, { signal, own })
    this.#fresh.add(key)
    this.wake()
  }

  /** Something began of which there may be signals already. */
  wake(): void {
    if (this.#fresh.size === 0 || this.#timer !== undefined) return
    const wait = EVERY_MS - (this.#parts.clock.steady() - this.#toldAt)
    // Never at once: what happened in this tick is told first.
    this.#timer = this.#parts.clock.after(Math.max(0, wait), () => this.#tell())
  }

  /** It is not true any more. */
  forget(key: string): void {
    this.#latest.delete(key)
    this.#fresh.delete(key)
  }

  clear(): void {
    this.#timer?.()
    this.#timer = undefined
    this.#latest.clear()
    this.#fresh.clear()
  }

  #tell(): void {
    this.#timer = undefined
    const told: Said[] = []
    for (const key of this.#fresh) {
      const said = this.#latest.get(key)
      if (said === undefined || !this.#parts.begun(said.signal)) continue
      this.#fresh.delete(key)
      told.push(said)
    }
    if (told.length === 0) return
    this.#toldAt = this.#parts.clock.steady()
    this.#parts.tell(signalsOf(told), signalsOf(told.filter(({ own }) => own)))
  }
}

function signalsOf(said: readonly Said[]): readonly Signal[] {
  return said.map(({ signal }) => signal)
}
