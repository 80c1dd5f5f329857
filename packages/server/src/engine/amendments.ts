// Second thoughts about messages: said differently, removed, reacted to.
import {
  type Author,
  type Edit,
  type Event,
  messageKey,
  partsOfKey,
  type React,
  type Redact,
  Refusal,
} from '@parley/protocol'
import type { Draft } from '../seams/log.ts'
import type { Whole } from './attachments.ts'
import type { Room } from './room.ts'

/** Whether the author of a message may be somebody else than who amends it. */
export type MayManage = () => boolean | Promise<boolean>

type Amendment = Whole<Edit> | Redact | React

/** Resolves with the fact in the log. Refuses (`message.unknown`) what is about no message of this room. */
export async function amend(room: Room, by: Author, wish: Amendment, mayManage: MayManage): Promise<Event> {
  const [author, id] = partsOfKey(wish.message)
  const message = await whole(room, author, id)
  if (message === undefined) throw new Refusal('message.unknown', 'there is no such message in this room')
  if (wish.type !== 'react' && author !== by.id) {
    if (wish.type === 'edit') throw new Refusal('access.denied', 'only its author may edit a message')
    if (!(await mayManage()))
      throw new Refusal('access.denied', 'only its author, or who manages the room, may remove it')
  }
  if (wish.type === 'edit' && 'redacted' in message.fact && message.fact.redacted === true)
    throw new Refusal('message.unknown', 'the message was removed')
  const [appended] = await room.append([draftOf(by, wish)])
  if (appended === undefined) throw new Error('the log said nothing of an amendment')
  return appended.event
}

function draftOf(by: Author, wish: Amendment): Draft {
  const { id, message } = wish
  switch (wish.type) {
    case 'edit':
      return { by, id, fact: { type: 'message.edited', message, parts: wish.parts } }
    case 'redact': {
      const rest = wish.reason === undefined ? {} : { reason: wish.reason }
      return { by, id, fact: { type: 'message.redacted', message, ...rest } }
    }
    case 'react':
      return { by, id, fact: { type: 'message.reacted', message, reaction: wish.reaction, on: wish.on } }
  }
}

/** The message as it was posted, or as it was closed: one that is still being written has no content to amend yet. */
async function whole(room: Room, author: string, id: string): Promise<Event | undefined> {
  const posted = await room.find(author, id)
  if (posted?.fact.type === 'message.posted') return posted
  const closed = await room.find(author, id.replace(/\.message$/u, '.closed'))
  const fact = closed?.fact
  return fact?.type === 'message.closed' && messageKey(author, fact.message) === messageKey(author, id)
    ? closed
    : undefined
}
