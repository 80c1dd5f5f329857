// One direction of a pipe: what is handed over waits, is taken by the network, flies, and arrives in order or not at all.
import type { VirtualTime } from './clock.ts'
import { flight, type Sky } from './sky.ts'

/** What travels: the wish to open a pipe and its answer, messages, and the news that it has ended. */
export type Parcel =
  | { readonly type: 'open' }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'end'; readonly code: number; readonly reason: string }

/** What the far and the near end of a lane are told. */
export interface LaneEnds {
  /** The far end: a parcel is there. */
  arrived(parcel: Parcel): void
  /** The near end: everything that had to wait was taken. */
  drained(): void
}

interface Flying {
  readonly parcel: Parcel
  lost: boolean
}

export class Lane {
  readonly #time: VirtualTime
  readonly #sky: () => Sky
  readonly #ends: LaneEnds
  readonly #waiting: Parcel[] = []
  /** In the air, first to arrive first. */
  #flying: Flying[] = []
  /** Arrived where nothing gets through at present. */
  #held: Flying[] = []
  #arrival = 0
  #taking = false
  /** Something had to wait since the last time that nothing did. */
  #late = false
  #broken = false
  /** Characters handed over that the network has not taken. */
  buffered = 0

  constructor(time: VirtualTime, sky: () => Sky, ends: LaneEnds) {
    this.#time = time
    this.#sky = sky
    this.#ends = ends
  }

  send(parcel: Parcel): void {
    if (this.#broken) return
    this.#waiting.push(parcel)
    this.buffered += sizeOf(parcel)
    this.#take()
    if (this.#waiting.length > 0) this.#late = true
  }

  /** Nothing more is accepted and what waited is lost; of what flies a first part still arrives, and then the end. */
  break(end: Parcel, afterMs: number): void {
    if (this.#broken) return
    this.#broken = true
    this.#waiting.length = 0
    this.buffered = 0
    const survivors = this.#sky().chance.int(0, this.#flying.length)
    for (const flying of this.#flying.slice(survivors)) flying.lost = true
    this.#fly(end, afterMs)
  }

  /** All of it is lost, and nobody is told. */
  vanish(): void {
    this.#broken = true
    this.#waiting.length = 0
    this.buffered = 0
    for (const flying of [...this.#flying, ...this.#held]) flying.lost = true
  }

  /** The weather changed: goes on with what could not move. */
  stir(): void {
    if (this.#sky().frozen) return
    const held = this.#held
    this.#held = []
    for (const { parcel, lost } of held) if (!lost) this.#ends.arrived(parcel)
    this.#take()
  }

  #take(): void {
    while (!this.#taking && !this.#sky().frozen) {
      const parcel = this.#waiting[0]
      if (parcel === undefined) return
      const { charactersPerMs } = this.#sky()
      if (charactersPerMs === undefined) this.#taken(parcel)
      else this.#takeSlowly(parcel, sizeOf(parcel) / charactersPerMs)
    }
  }

  #takeSlowly(parcel: Parcel, ms: number): void {
    this.#taking = true
    this.#late = true
    this.#time.after(ms, () => {
      this.#taking = false
      if (this.#broken || this.#sky().frozen) return
      this.#taken(parcel)
      this.#take()
    })
  }

  #taken(parcel: Parcel): void {
    this.#waiting.shift()
    this.buffered -= sizeOf(parcel)
    this.#fly(parcel, flight(this.#sky()))
    if (this.#waiting.length > 0 || !this.#late) return
    this.#late = false
    this.#ends.drained()
  }

  #fly(parcel: Parcel, ms: number): void {
    const flying: Flying = { parcel, lost: false }
    this.#flying.push(flying)
    this.#arrival = Math.max(this.#arrival, this.#time.now + ms)
    this.#time.at(this.#arrival, () => {
      this.#flying.shift()
      if (flying.lost) return
      if (this.#sky().frozen || this.#held.length > 0) this.#held.push(flying)
      else this.#ends.arrived(parcel)
    })
  }
}

function sizeOf(parcel: Parcel): number {
  if (parcel.type === 'text') return parcel.text.length
  return parcel.type === 'bytes' ? parcel.bytes.length : 0
}
