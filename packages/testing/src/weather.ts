// What a test does to its world: cut lines, freeze them, slow them down, spoil rumours and disks; and make it all well again.
import { type Disk, goodDisk } from './faulty-log.ts'
import type { Line } from './network.ts'
import type { WorldNode } from './node.ts'
import { type Gossip, goodGossip, type Rumours } from './rumours.ts'

/** Whoever has a line of their own. */
export interface Online {
  readonly name: string
  readonly line: Line
}

export interface Sufferers {
  readonly online: readonly Online[]
  readonly nodes: readonly WorldNode[]
  readonly rumours: Rumours
}

export class Weather {
  readonly #world: Sufferers

  constructor(world: Sufferers) {
    this.#world = world
  }

  /** The device has no network until it is mended. */
  cut({ line }: Online): void {
    line.set({ down: true })
    line.cut()
  }

  /** The device's connection is lost; it may connect again at once. */
  drop({ line }: Online): void {
    line.cut()
  }

  /** Nothing gets through to the device or from it until it is mended, and neither side is told. */
  freeze({ line }: Online): void {
    line.set({ frozen: true })
  }

  /** The network takes so many characters a millisecond of what is sent to the device, and from it. */
  slow({ line }: Online, charactersPerMs: number): void {
    line.set({ charactersPerMs })
  }

  /** Each message takes from `least` to `most` ms on its way to the device and from it. */
  distant({ line }: Online, least: number, most: number): void {
    line.set({ flightMs: [least, most] })
  }

  /** So many of the device's handshakes fail. */
  refuse({ line }: Online, share: number): void {
    line.set({ refused: share })
  }

  /** All is well again for this device. */
  mend({ line }: Online): void {
    line.clear()
  }

  /** How rumours travel between the nodes. */
  gossip(change: Partial<Gossip>): void {
    const { rumours } = this.#world
    rumours.gossip = { ...rumours.gossip, ...change }
  }

  /** How the store behaves towards a node. */
  disk(node: WorldNode, change: Partial<Disk>): void {
    node.disk = { ...node.disk, ...change }
  }

  /** Fine weather everywhere. */
  clear(): void {
    for (const one of this.#world.online) this.mend(one)
    for (const node of this.#world.nodes) node.disk = goodDisk
    this.#world.rumours.gossip = goodGossip
  }
}
