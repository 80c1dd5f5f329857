// Rumours within one process: between nodes that share a memory, or for one node that has nobody to talk to.
import type { RoomId } from '@parley/protocol'
import type { Broker, News, Stop } from '../seams/broker.ts'

export interface MemoryBrokerOptions {
  /** Runs a little later. News is delivered so, never within the announcement. */
  soon(run: () => void): void
}

/** Where the nodes of one process hear each other. */
export interface Hub {
  /** A broker for one more node: it hears what the others announce, never itself. */
  node(): Broker
}

export function memoryBroker({ soon }: MemoryBrokerOptions): Hub {
  const nodes = new Set<BrokerNode>()
  return {
    node() {
      const node = new BrokerNode(nodes, soon)
      nodes.add(node)
      return node
    },
  }
}

type Hear = (news: News) => void

class BrokerNode implements Broker {
  readonly #nodes: Set<BrokerNode>
  readonly #soon: MemoryBrokerOptions['soon']
  readonly #rooms = new Map<RoomId, Set<Hear>>()

  constructor(nodes: Set<BrokerNode>, soon: MemoryBrokerOptions['soon']) {
    this.#nodes = nodes
    this.#soon = soon
  }

  announce(room: RoomId, news: News): void {
    if (!this.#nodes.has(this)) return
    for (const node of this.#nodes) if (node !== this) node.#hear(room, news)
  }

  listen(room: RoomId, hear: Hear): Stop {
    // Its own function, so that whoever listens twice with one function can stop once.
    const ear: Hear = (news) => hear(news)
    const ears = this.#rooms.get(room) ?? new Set()
    this.#rooms.set(room, ears.add(ear))
    return () => {
      ears.delete(ear)
      if (ears.size === 0 && this.#rooms.get(room) === ears) this.#rooms.delete(room)
    }
  }

  async close(): Promise<void> {
    this.#nodes.delete(this)
    for (const ears of this.#rooms.values()) ears.clear()
    this.#rooms.clear()
  }

  /** Each listener in a turn of its own: what one of them throws is not the others' affair. */
  #hear(room: RoomId, news: News): void {
    const ears = this.#rooms.get(room)
    for (const ear of ears ?? [])
      this.#soon(() => {
        if (ears?.has(ear)) ear(news)
      })
  }
}
