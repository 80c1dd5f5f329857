// What people ask for about people: to show that they write, what they say of themselves, how far they read; and who is here.
import {
  type Answer,
  type Author,
  type BePresent,
  type MarkRead,
  type Members,
  Refusal,
  type Type,
} from '@parley/protocol'
import type { Ear } from './reader.ts'
import type { Room } from './room.ts'

/** How many are named to somebody who asks who is here. */
const NAMED = 100

export type AboutPeople = Type | BePresent | MarkRead | Members

/** @param by who asks, and may. */
export async function aboutPeople(ear: Ear, by: Author, command: AboutPeople, room: Room): Promise<Answer> {
  switch (command.type) {
    case 'typing':
      room.signal({ type: 'typing', user: by, on: command.on })
      return { type: 'typing', room: room.id }
    case 'presence':
      return bePresent(ear, command, room)
    case 'read':
      return markRead(by.id, command, room)
    case 'members':
      return {
        type: 'members',
        room: room.id,
        members: [...room.members.take(NAMED)],
        count: room.people.presence.count,
      }
  }
}

function bePresent(ear: Ear, { state }: BePresent, room: Room): Answer {
  if (!room.people.presence.say(ear, state))
    throw new Refusal('room.unknown', `this connection is not in ${room.id}; join it first`)
  return { type: 'presence', room: room.id }
}

/** Nobody has read what nobody has said yet. */
async function markRead(user: string, { seq }: MarkRead, room: Room): Promise<Answer> {
  const release = room.hold()
  try {
    // Another process may have told more than this one has heard of.
    if (seq > room.position.seq) await room.poll()
    if (seq > room.position.seq)
      throw new Refusal('message.invalid', `the last event has seq ${room.position.seq}`, { details: { field: 'seq' } })
    return { type: 'read', room: room.id, seq: await room.people.reading.mark(user, seq) }
  } finally {
    release()
  }
}
