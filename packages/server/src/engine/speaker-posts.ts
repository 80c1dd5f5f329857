// What the app itself posts: in each room in the order in which it was said, whoever it is said as.
import type { RoomId } from '@parley/protocol'
import type { Posted } from './callings.ts'
import { PostLine } from './post-line.ts'
import type { Room } from './room.ts'
import type { Rooms } from './rooms.ts'
import type { Runs, Taken } from './runs.ts'

const REMEMBERED = 1_000

export class SpeakerPosts {
  readonly #rooms: Rooms
  readonly #runs: Runs
  readonly #lines = new Map<RoomId, PostLine<Posted, Taken>>()

  constructor(rooms: Rooms, runs: Runs) {
    this.#rooms = rooms
    this.#runs = runs
  }

  add(room: Room, posted: Posted): Promise<Taken> {
    return new Promise((resolve, reject) => this.#line(room).add({ post: posted, resolve, reject }, undefined))
  }

  #line(room: Room): PostLine<Posted, Taken> {
    const known = this.#lines.get(room.id)
    if (known !== undefined) return known
    const [oldest] = this.#lines.keys()
    if (this.#lines.size >= REMEMBERED && oldest !== undefined) this.#lines.delete(oldest)
    // A room that was idle may have been opened anew since.
    const append = (posts: readonly Posted[]) => this.#runs.post(this.#rooms.get(room.id) ?? room, posts)
    const line = new PostLine<Posted, Taken>(append)
    this.#lines.set(room.id, line)
    return line
  }
}
