// Rumours between the nodes of a world: they get lost, doubled, late and out of order, as the weather has it.
import type { RoomId } from '@parley/protocol'
import type { Broker, Clock, News } from '@parley/server'
import type { Seeded } from './chance.ts'

export interface Gossip {
  /** Share of the rumours that reach a node not at all. */
  readonly lost: number
  /** Share of those that reach it twice. */
  readonly doubled: number
  /** How long each takes: the least and the most. */
  readonly flightMs: readonly [number, number]
}

export const goodGossip: Gossip = { lost: 0, doubled: 0, flightMs: [0, 3] }

interface Ear {
  readonly node: symbol
  readonly clock: Clock
  readonly hear: (news: News) => void
}

export class Rumours {
  readonly #chance: Seeded
  readonly #ears = new Map<RoomId, Set<Ear>>()
  gossip: Gossip = goodGossip

  constructor(chance: Seeded) {
    this.#chance = chance
  }

  /** A node's end. What is on its way to the node ends with the node's clock; what it said travels on. */
  broker(clock: Clock): Broker {
    const node = Symbol('node')
    const mine = new Set<() => void>()
    return {
      announce: (room, news) => {
        for (const ear of this.#ears.get(room) ?? []) if (ear.node !== node) this.#tell(ear, news)
      },
      listen: (room, hear) => {
        const stop = this.#listen(room, { node, clock, hear })
        mine.add(stop)
        return () => {
          mine.delete(stop)
          stop()
        }
      },
      async close() {
        for (const stop of mine) stop()
      },
    }
  }

  #listen(room: RoomId, ear: Ear): () => void {
    const ears = this.#ears.get(room) ?? new Set()
    this.#ears.set(room, ears.add(ear))
    return () => ears.delete(ear)
  }

  #tell(ear: Ear, news: News): void {
    const { lost, doubled, flightMs } = this.gossip
    if (this.#chance.odds(lost)) return
    for (let copies = this.#chance.odds(doubled) ? 2 : 1; copies > 0; copies -= 1) {
      const [least, most] = flightMs
      ear.clock.after(least + this.#chance.float() * (most - least), () => ear.hear(news))
    }
  }
}
