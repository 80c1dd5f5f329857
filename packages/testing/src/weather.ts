// What a test does to its world: cut lines, freeze them, slow them down, spoil rumours and disks; and make it all well again.
import type { Device } from './device.ts'
import { type Disk, goodDisk } from './faulty-log.ts'
import type { WorldNode } from './node.ts'
import { type Gossip, goodGossip, type Rumours } from './rumours.ts'

export interface Sufferers {
  readonly devices: readonly Device[]
  readonly nodes: readonly WorldNode[]
  readonly rumours: Rumours
}

export class Weather {
  readonly #world: Sufferers

  constructor(world: Sufferers) {
    this.#world = world
  }

  /** The device has no network until it is mended. */
  cut(device: Device): void {
    device.line.set({ down: true })
    device.line.cut()
  }

  /** The device's connection is lost; it may connect again at once. */
  drop(device: Device): void {
    device.line.cut()
  }

  /** Nothing gets through to the device or from it until it is mended, and neither side is told. */
  freeze(device: Device): void {
    device.line.set({ frozen: true })
  }

  /** The network takes so many characters a millisecond of what is sent to the device, and from it. */
  slow(device: Device, charactersPerMs: number): void {
    device.line.set({ charactersPerMs })
  }

  /** Each message takes from `least` to `most` ms on its way to the device and from it. */
  distant(device: Device, least: number, most: number): void {
    device.line.set({ flightMs: [least, most] })
  }

  /** So many of the device's handshakes fail. */
  refuse(device: Device, share: number): void {
    device.line.set({ refused: share })
  }

  /** All is well again for this device. */
  mend(device: Device): void {
    device.line.clear()
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
    for (const device of this.#world.devices) this.mend(device)
    for (const node of this.#world.nodes) node.disk = goodDisk
    this.#world.rumours.gossip = goodGossip
  }
}
