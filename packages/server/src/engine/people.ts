// The people of a room: who is here, who writes, how far each has read. All of it shares one pace.
import type { Author, Event, RoomId, Signal } from '@parley/protocol'
import type { Attendance, News } from '../seams/broker.ts'
import type { Clock } from '../seams/clock.ts'
import type { Log } from '../seams/log.ts'
import { Presence } from './presence.ts'
import type { Reader } from './reader.ts'
import { Reading } from './reading.ts'
import { type SignalParts, Signals } from './signals.ts'
import { Typing } from './typing.ts'

/** Nobody hears of people more than twice a second. */
const SOON_MS = 500
/** The more there are to hear it, the less often they do: a room says some five hundred frames a second at most, … */
const EACH_MS = 2
/** … but says so soon even to very many who writes. */
const LATE_MS = 5_000

export interface PeopleParts {
  readonly room: RoomId
  /** This process's name. */
  readonly node: string
  readonly agents: readonly Author[]
  readonly clock: Clock
  readonly log: Log
  readonly readers: ReadonlySet<Reader>
  announce(news: Pick<News, 'signals' | 'attendance'>): void
  settle: SignalParts['settle']
  /** The read marks could not be read. */
  failed(cause: unknown): void
}

export class People {
  readonly presence: Presence
  readonly typing: Typing
  readonly reading: Reading
  readonly #signals: Signals

  constructor({ room, node, agents, clock, log, readers, announce, settle, failed }: PeopleParts) {
    const signals = new Signals({
      room,
      clock,
      readers,
      everyMs: () => Math.min(LATE_MS, Math.max(SOON_MS, readers.size * EACH_MS)),
      begun: () => true,
      announce: (own) => announce({ signals: own }),
      settle,
    })
    this.#signals = signals
    const tell = log.alone === true ? undefined : (attendance: Attendance): void => announce({ attendance })
    this.presence = new Presence({ node, agents, clock, signals, announce: tell })
    this.typing = new Typing({ clock, signals })
    this.reading = new Reading({ room, log, signals, failed })
  }

  come({ ear }: Reader): void {
    this.presence.come(ear)
    this.reading.open()
  }

  go({ ear }: Reader): void {
    this.presence.go(ear)
  }

  greet(reader: Reader): void {
    this.#signals.greet(reader)
  }

  /** It does not listen any more. */
  dismiss(reader: Reader): void {
    this.#signals.dismiss(reader)
  }

  /** What other processes say. */
  hear(signal: Signal): void {
    if (signal.type === 'typing') this.typing.say(signal.user, signal.on, false)
    else if (signal.type === 'read') this.reading.hear(signal)
  }

  notice(event: Event): void {
    this.typing.notice(event)
  }

  /** Another log is in the place of this room's. */
  forgetLog(): void {
    this.typing.forgetLog()
    this.reading.forgetLog()
  }

  /** Called every second or so. */
  sweep(): void {
    this.presence.sweep()
    this.typing.sweep()
    this.#signals.sweep()
  }

  close(): void {
    this.presence.close()
    this.#signals.clear()
  }
}
