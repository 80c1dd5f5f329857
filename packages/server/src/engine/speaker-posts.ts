// What the app itself posts: in each room in the order in which it was said, whoever it is said as.
import type { RoomId } from '@parley/protocol'
import type { Posted } from './callings.ts'
import { lineOf, type PostLine } from './post-line.ts'
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
    // A room that was idle may have been opened anew since.
    const append = (posts: readonly Posted[]) => this.#runs.post(this.#rooms.get(room.id) ?? room, posts)
    return lineOf(this.#lines, room.id, REMEMBERED, append)
  }
}
