// What anybody may use, per connection, per user and per address; counted in the engine's own time.
import { type Problem, problem } from '@parley/protocol'

export interface Limits {
  /** Bytes of one frame from a client. Default 262,144. */
  readonly frameBytes: number
  /** Commands a second that one connection may send for long, and twice that at once. Default 2,000. */
  readonly connectionRate: number
  /** Commands a second over all connections of one user, and twice that at once. Default 50,000. */
  readonly userRate: number
  /** Connections of one user. Default 1,000. Not counted for clients on the loopback. */
  readonly userConnections: number
  /** Connections from one address. Default 1,000. Not counted for clients on the loopback. */
  readonly addressConnections: number
  /** Connections of the whole process. Default 50,000. */
  readonly connections: number
  /** Rooms that one connection hears at once. Default 1,000. */
  readonly rooms: number
  /** Commands of one connection that wait for an answer. Default 4,096. */
  readonly waiting: number
  /** Characters of all these commands together. Default 16,777,216. */
  readonly waitingLength: number
  /** Bytes that wait for a socket before its rooms let it go. Default 65,536. */
  readonly softBytes: number
  /** Bytes that wait for a socket before it is closed. Default 1,048,576. */
  readonly hardBytes: number
  /** How long a socket may take nothing at all while bytes wait for it. Default 10,000 ms. */
  readonly stuckMs: number
  /** How long a connection may stay without saying who it is. Default 5,000 ms. */
  readonly greetingMs: number
  /** How long an agent may take for one answer. Default 600,000 ms. */
  readonly runMs: number
  /** Characters of one answer. Default 1,000,000. */
  readonly answerLength: number
  /** Tool calls of one run. Default 200. */
  readonly toolCalls: number
  /** Messages of one room that wait for the answers of one agent. Default 1,000. */
  readonly queue: number
  /** Bytes of one file. Default 2,147,483,648. */
  readonly attachmentBytes: number
  /** Bytes of all files of one user, unfinished ones included. Default 20 GiB. */
  readonly userAttachmentBytes: number
  /** Bytes of all files in one room. Default 100 GiB. */
  readonly roomAttachmentBytes: number
  /** Files that one connection sends at once. Default 8. */
  readonly uploads: number
  /** Bytes of one upload that may be on their way to the disk. Default 2,097,152. */
  readonly uploadWindow: number
  /** Bytes of one piece of an upload. Default 131,072; with its head it must fit into a frame. */
  readonly pieceBytes: number
  /** How long unfinished files, and those that nobody posts, are kept. Default one day. */
  readonly idleFileMs: number
  /** Share of the disk that files leave free, for the log. Default 0.1. */
  readonly diskReserve: number
  /** Mean delay of the event loop over a second from which background work is refused. Default 500 ms. */
  readonly busyLagMs: number
  /** The same for how long appends take. Default 1,000 ms. */
  readonly busyAppendMs: number
  /** The same for how many appends wait for the log. Default 10,000. */
  readonly busyAppends: number
}

export const standardLimits: Limits = {
  frameBytes: 256 * 1024,
  connectionRate: 2_000,
  userRate: 50_000,
  userConnections: 1_000,
  addressConnections: 1_000,
  connections: 50_000,
  rooms: 1_000,
  waiting: 4_096,
  waitingLength: 16 * 1024 * 1024,
  softBytes: 64 * 1024,
  hardBytes: 1024 * 1024,
  stuckMs: 10_000,
  greetingMs: 5_000,
  runMs: 600_000,
  answerLength: 1_000_000,
  toolCalls: 200,
  queue: 1_000,
  attachmentBytes: 2 * 1024 ** 3,
  userAttachmentBytes: 20 * 1024 ** 3,
  roomAttachmentBytes: 100 * 1024 ** 3,
  uploads: 8,
  uploadWindow: 2 * 1024 * 1024,
  pieceBytes: 128 * 1024,
  idleFileMs: 86_400_000,
  diskReserve: 0.1,
  busyLagMs: 500,
  busyAppendMs: 1_000,
  busyAppends: 10_000,
}

/** A token bucket that is counted when it is asked, so it needs no timer. */
export class Bucket {
  readonly #rate: number
  #level: number
  #at: number

  /** @param rate tokens a second; the bucket holds two seconds' worth. 0 is no limit. */
  constructor(rate: number, now: number) {
    this.#rate = rate
    this.#level = rate * 2
    this.#at = now
  }

  /** 0 when `cost` was taken, else the milliseconds until it could be. What costs more than it holds takes all of it. */
  take(cost: number, now: number): number {
    if (this.#rate === 0) return 0
    const most = this.#rate * 2
    const price = Math.min(cost, most)
    this.#level = Math.min(most, this.#level + ((now - this.#at) * this.#rate) / 1000)
    this.#at = now
    if (this.#level < price) return Math.ceil(((price - this.#level) * 1000) / this.#rate)
    this.#level -= price
    return 0
  }

  /** Whether it has forgotten all that was taken. */
  full(now: number): boolean {
    return this.#level + ((now - this.#at) * this.#rate) / 1000 >= this.#rate * 2
  }
}

export function tooFast(retryAfterMs: number): Problem {
  return problem('rate.exceeded', 'too many messages; slow down', { retryAfterMs })
}

export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.')
}
