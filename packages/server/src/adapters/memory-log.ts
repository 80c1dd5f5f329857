// A log that lives as long as the process: for trials, tests, and simulations in which several nodes share it.
import { Refusal, type RoomId } from '@parley/protocol'
import type { Log } from '../seams/log.ts'
import { leases } from './leases.ts'
import { MemoryFiles } from './memory-files.ts'
import { MemoryRoom } from './memory-room.ts'
import { unknownRoom } from './pages.ts'
import { refuse } from './refuse.ts'
import { phrasesOf } from './search-words.ts'

export interface MemoryLogOptions {
  /** Milliseconds since 1970. */
  now(): number
  /** Names the epochs of new rooms. */
  uuid(): string
}

/** What happens at a call happens at once; its promise follows in the order of the calls. */
export function memoryLog({ now, uuid }: MemoryLogOptions): Log {
  const rooms = new Map<RoomId, MemoryRoom>()
  const files = new MemoryFiles()
  const lease = leases(now)
  let closed = false
  let places = 0
  const place = () => ++places

  function present(): void {
    if (closed) throw new Refusal('storage.unavailable', 'the log is closed')
  }

  function find(id: RoomId): MemoryRoom {
    present()
    return rooms.get(id) ?? refuse(unknownRoom(id))
  }

  return {
    async open(id, owner) {
      present()
      const room = rooms.get(id) ?? new MemoryRoom(id, uuid(), owner, { place, files })
      rooms.set(id, room)
      return room.info
    },
    async info(id) {
      present()
      return rooms.get(id)?.info
    },
    async append(id, drafts, expect) {
      return find(id).append(drafts, now(), expect)
    },
    async read(id, after, limit) {
      return find(id).read(after, limit)
    },
    async find(id, author, eventId) {
      return find(id).find(author, eventId)
    },
    async older(id, before, limit) {
      return find(id).older(before, limit)
    },
    async spans(prefix) {
      present()
      return [...rooms.values()].flatMap((room) => room.spans(prefix))
    },
    async standing(id, prefix, limit) {
      return find(id).standing(prefix, limit)
    },
    async search(words, id, limit, before) {
      present()
      const phrases = phrasesOf(words)
      const where = id === undefined ? [...rooms.values()] : [find(id)]
      const found = where.flatMap((room) => [...room.search(phrases)])
      const earlier = found.filter(({ place }) => before === undefined || place < before.place)
      return earlier.sort((a, b) => b.place - a.place).slice(0, limit)
    },
    async mark(id, user, seq) {
      return find(id).mark(user, seq)
    },
    async marks(id) {
      return find(id).marks
    },
    async unread(id, user, most) {
      return find(id).unread(user, most)
    },
    async rooms(owner, limit) {
      present()
      const infos = [...rooms.values()].map((room) => room.info).filter((info) => info.owner === owner)
      return infos.sort((a, b) => b.at - a.at || (a.room < b.room ? -1 : 1)).slice(0, limit)
    },
    async attach(arrival) {
      find(arrival.room)
      return files.add(arrival, now())
    },
    async attachment(id) {
      present()
      return files.find(id)
    },
    async uploaded(id, owner, upload) {
      find(id)
      return files.uploaded(id, owner, upload)
    },
    async weigh(whose) {
      if ('room' in whose) find(whose.room)
      return files.weigh(whose)
    },
    async discard(before, most) {
      present()
      return files.discard(before, most)
    },
    async loose(most) {
      present()
      return files.loose(most)
    },
    async dropped(contents) {
      present()
      files.dropped(contents)
    },
    async holds(sha256) {
      present()
      return files.holds(sha256)
    },
    async trim(id, upTo) {
      const room = find(id)
      room.forget({ upTo, before: Number.POSITIVE_INFINITY })
      return room.info.horizon
    },
    async expire(before) {
      present()
      let count = 0
      for (const room of rooms.values()) count += room.forget({ upTo: Number.POSITIVE_INFINITY, before })
      return count
    },
    async lease(name, holder, ttlMs) {
      present()
      return lease(name, holder, ttlMs)
    },
    async check() {
      present()
    },
    async close() {
      closed = true
    },
  }
}
