// The flat dialect: one conversation per connection, `user_message` in, `stream_start|chunk|end` out.
import type { Asked, Misread } from '../command.ts'
import { type Event, messageKey } from '../event.ts'
import { invalid, isFields, readJson } from '../parse.ts'
import type { Problem } from '../problem.ts'
import { isId, isSession, type RoomId, roomId } from '../words.ts'
import type { Dialect, Greeting, Heard } from './dialect.ts'
import { pieceOf, restOf } from './flow.ts'

export interface FlatMemory {
  readonly greeting: Greeting
  /** The conversation that this connection opened with. */
  readonly room: RoomId
  readonly joined: Set<RoomId>
}

const PREFIX = 'session:'
/** Marks the joins that a message brings along; nobody waits for their replies. */
const SILENT = 'join:'

function sessionRoom(uuid: unknown): RoomId | undefined {
  const room = typeof uuid === 'string' ? roomId(PREFIX + uuid.toLowerCase()) : undefined
  return room !== undefined && isSession(room) ? room : undefined
}

function uuidOf(room: RoomId): string {
  return room.slice(PREFIX.length)
}

function say(type: string, room: RoomId, content: string): string {
  return JSON.stringify({ type, sessionId: uuidOf(room), content })
}

function sayError(room: RoomId, why: Problem): string {
  return JSON.stringify({ type: 'error', sessionId: uuidOf(room), error: why.message })
}

function decode(text: string, memory: FlatMemory): readonly (Asked | Misread)[] {
  const read = readJson(text)
  if ('problem' in read) return [read]
  const { json } = read
  if (!isFields(json)) return [{ problem: invalid('a message is a JSON object with a type') }]
  const { type, content, sessionId, messageId } = json
  if (type === 'ping') return [{ ref: 'ping', command: { type: 'ping' } }]
  if (type !== 'user_message') return [{ problem: invalid('unknown message type; expected "user_message"') }]
  if (typeof content !== 'string' || content.trim() === '')
    return [{ problem: invalid('content must be a text that is not empty') }]
  if (messageId !== undefined && !isId(messageId)) return [{ problem: invalid('messageId must be a short text') }]
  const room = sessionId === undefined ? memory.room : sessionRoom(sessionId)
  if (room === undefined) return [{ problem: invalid('sessionId must be the UUID of a session') }]
  const id = messageId ?? memory.greeting.uuid()
  const post: Asked = { ref: id, command: { type: 'post', room, id, parts: [{ type: 'text', text: content }] } }
  if (memory.joined.has(room)) return [post]
  memory.joined.add(room)
  return [{ ref: SILENT + id, command: { type: 'join', room, history: 0 } }, post]
}

function sayEvent(room: RoomId, event: Event, heard: Heard): string[] {
  const { fact, by } = event
  switch (fact.type) {
    case 'message.opened':
      return [say('stream_start', room, 'Starting response stream')]
    case 'message.grew': {
      const piece = pieceOf(messageKey(by.id, fact.message), fact, heard)
      return piece === '' ? [] : [say('stream_chunk', room, piece)]
    }
    case 'message.closed': {
      const rest = restOf(messageKey(by.id, fact.message), fact, heard)
      return [
        ...(rest === '' ? [] : [say('stream_chunk', room, rest)]),
        ...(fact.failure === undefined
          ? []
          : [JSON.stringify({ type: 'error', sessionId: uuidOf(room), error: fact.failure.message })]),
        say('stream_end', room, 'Response stream complete'),
      ]
    }
    default:
      return []
  }
}

export const flat: Dialect<FlatMemory> = {
  name: 'flat',
  resumes: false,
  shares: true,
  echoes: true,
  takesPieces: false,
  welcomesGuests: true,
  begin(greeting) {
    const room = sessionRoom(greeting.params.get('session')) ?? (`${PREFIX}${greeting.uuid()}` as RoomId)
    return { greeting, room, joined: new Set([room]) }
  },
  opening: ({ room }) => [{ type: 'join', room, history: 0 }],
  decode,
  reply(reply, memory) {
    if ('problem' in reply) {
      if (reply.command.type === 'join') memory.joined.delete(reply.command.room)
      const silent = reply.ref.startsWith(SILENT)
      return silent ? [] : [sayError('room' in reply.command ? reply.command.room : memory.room, reply.problem)]
    }
    const { answer } = reply
    if (answer.type === 'ping') return [JSON.stringify({ type: 'pong', sessionId: uuidOf(memory.room) })]
    if (answer.type === 'join' && answer.room === memory.room && !reply.ref.startsWith(SILENT))
      return [say('connection_established', memory.room, 'Connected to server')]
    return []
  },
  notice(notice, memory) {
    if (notice.type === 'problem' || notice.type === 'removed') return [sayError(memory.room, notice.problem)]
    return []
  },
  page: (page, heard) => page.events.flatMap((event) => sayEvent(page.room, event, heard)),
  signals: () => [],
  asks: () => [],
}
