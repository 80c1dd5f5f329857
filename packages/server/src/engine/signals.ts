// Signals of a room that share a pace: the latest of each, told so seldom that nobody is flooded, in one frame for all.
import { isDeepStrictEqual } from 'node:util'
import { type RoomId, type Signal, signalKey } from '@parley/protocol'
import type { Stop } from '../seams/broker.ts'
import type { Clock } from '../seams/clock.ts'
import { Whisper } from './frames.ts'
import type { Reader } from './reader.ts'

/** A socket that takes nothing for so long is closed: nobody who comes back has missed more. */
const MISSED_MS = 30_000

export interface SignalParts {
  readonly room: RoomId
  readonly clock: Clock
  /** Who listens. */
  readonly readers: ReadonlySet<Reader>
  /** What changes faster than this is told only as it is then; nobody hears more than one frame in this time. */
  everyMs(): number
  /** Whether what a signal is about has begun, so that those who hear it know of it. */
  begun(signal: Signal): boolean
  /** Tells other processes what was said in this one. */
  announce(signals: readonly Signal[]): void
  /** Tells what happened before: whoever hears of a call's progress has heard of the call. */
  settle(): void
}

interface Said {
  readonly signal: Signal
  /** Whether it was said in this process. */
  readonly own: boolean
  /** What was told of it. */
  readonly told: Signal | undefined
}

export class Signals {
  readonly #parts: SignalParts
  readonly #latest = new Map<string, Said>()
  /** Said and not looked at yet. */
  readonly #fresh = new Set<string>()
  /** What ended, with when that was told: for those who are away at the moment. */
  readonly #over = new Map<string, number>()
  /** Those who have yet to hear all that is true. */
  #newcomers = new Set<Reader>()
  /** Those who have heard all that was true. */
  readonly #met = new WeakSet<Reader>()
  #toldAt = Number.NEGATIVE_INFINITY
  #timer: Stop | undefined

  constructor(parts: SignalParts) {
    this.#parts = parts
  }

  /** @param own whether it was said in this process, for the others to hear; they hear it also where it says nothing new. */
  say(signal: Signal, own: boolean): void {
    const key = signalKey(signal)
    this.#latest.set(key, { signal, own, told: this.#latest.get(key)?.told })
    this.#fresh.add(key)
    this.wake()
  }

  /** Tells a reader all that is true: at once, or with the next frame where one was told just now. */
  greet(reader: Reader): void {
    if (this.#latest.size === 0) this.#met.add(reader)
    else this.#newcomers.add(reader)
    this.wake()
  }

  /** It does not listen any more. */
  dismiss(reader: Reader): void {
    this.#newcomers.delete(reader)
  }

  /** Something began of which there may be signals already. */
  wake(): void {
    if (this.#timer !== undefined || (this.#fresh.size === 0 && this.#newcomers.size === 0)) return
    const wait = this.#parts.everyMs() - (this.#parts.clock.steady() - this.#toldAt)
    const tell = (): void => this.#tell()
    this.#timer = wait > 0 ? this.#parts.clock.after(wait, tell) : this.#soon(tell)
  }

  /** Never at once, but in the same write as what happened in this tick, which is told first. */
  #soon(tell: () => void): Stop {
    let wanted = true
    this.#parts.clock.soon(() => wanted && tell())
    return () => {
      wanted = false
    }
  }

  /** It is not true any more, and need not be told. */
  forget(key: string): void {
    this.#latest.delete(key)
    this.#fresh.delete(key)
    this.#over.delete(key)
  }

  /** Forgets all of a kind. */
  forgetAll(type: Signal['type']): void {
    for (const [key, { signal }] of this.#latest) if (signal.type === type) this.forget(key)
  }

  /** Called every second or so. */
  sweep(): void {
    for (const [key, at] of this.#over) {
      if (this.#parts.clock.steady() - at < MISSED_MS) return
      this.forget(key)
    }
  }

  clear(): void {
    this.#timer?.()
    this.#timer = undefined
    this.#latest.clear()
    this.#fresh.clear()
    this.#over.clear()
    this.#newcomers.clear()
  }

  #tell(): void {
    this.#timer = undefined
    const { told, own } = this.#news()
    const newcomers = this.#newcomers
    this.#newcomers = new Set()
    if (told.length === 0 && own.length === 0 && newcomers.size === 0) return
    this.#toldAt = this.#parts.clock.steady()
    if (own.length > 0) this.#parts.announce(own)
    this.#parts.settle()
    this.#whisper(told, newcomers)
    // Whoever could not listen hears all when they can.
    this.wake()
  }

  /** What is to be told here, and what to others. Nobody hears what they heard, nor the end of what they did not hear of. */
  #news(): { readonly told: readonly Signal[]; readonly own: readonly Signal[] } {
    const told: Signal[] = []
    const own: Signal[] = []
    for (const key of this.#fresh) {
      const said = this.#latest.get(key)
      if (said === undefined || !this.#parts.begun(said.signal)) continue
      this.#fresh.delete(key)
      if (said.own) own.push(said.signal)
      if (isDeepStrictEqual(said.signal, said.told)) continue
      this.#over.delete(key)
      if (isOver(said.signal) && said.told === undefined) {
        this.#latest.delete(key)
        continue
      }
      if (isOver(said.signal)) this.#over.set(key, this.#parts.clock.steady())
      this.#latest.set(key, { ...said, told: said.signal })
      told.push(said.signal)
    }
    return { told, own }
  }

  #whisper(fresh: readonly Signal[], newcomers: ReadonlySet<Reader>): void {
    const { room, readers } = this.#parts
    const all = newcomers.size === 0 ? [] : [...this.#latest.values()].flatMap(({ told }) => told ?? [])
    const whispers = {
      news: new Whisper(room, fresh),
      first: new Whisper(
        room,
        all.filter((signal) => !isOver(signal)),
      ),
      again: new Whisper(room, all),
    }
    for (const reader of readers) {
      const which = !newcomers.has(reader) ? 'news' : this.#met.has(reader) ? 'again' : 'first'
      if (whispers[which].signals.length === 0 || reader.whisper(whispers[which])) this.#met.add(reader)
      else this.#newcomers.add(reader)
    }
  }
}

/** Whether it says that something has ended. */
function isOver(signal: Signal): boolean {
  return (signal.type === 'presence' && !signal.here) || (signal.type === 'typing' && !signal.on)
}
