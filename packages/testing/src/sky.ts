// The weather over one line: what may happen to the connections that go through it.
import type { Seeded } from './chance.ts'

export interface Sky {
  /** No connection can be made. */
  readonly down: boolean
  /** Nothing gets through in either direction, and nobody is told. */
  readonly frozen: boolean
  /** How long a parcel flies: the least and the most. */
  readonly flightMs: readonly [number, number]
  /** How fast the network takes what it is handed; undefined: at once. */
  readonly charactersPerMs: number | undefined
  /** Share of the handshakes that fail. */
  readonly refused: number
  readonly chance: Seeded
}

export function clearSky(chance: Seeded): Sky {
  return { down: false, frozen: false, flightMs: [1, 5], charactersPerMs: undefined, refused: 0, chance }
}

/** How long the next parcel flies. */
export function flight({ chance, flightMs: [least, most] }: Sky): number {
  return least + chance.float() * (most - least)
}
