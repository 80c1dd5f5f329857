// What an envelope asks for: the way in of the envelope dialect.
import type { Asked, Command, Misread } from '../command.ts'
import { messageKey } from '../event.ts'
import { invalid, isFields, isMeta, isPriority, isToken, parseCommand, readJson } from '../parse.ts'
import { type Problem, problem } from '../problem.ts'
import { isId, type Priority, type RoomId, roomId } from '../words.ts'
import type { Greeting } from './dialect.ts'
import { filesIn, uploadOf } from './envelope-files.ts'

export interface EnvelopeMemory {
  readonly greeting: Greeting
  /** What this connection posted and has not met in a page yet, by {@link postKey}: its sender hears `messageReceived` instead. */
  readonly posted: Set<string>
  actor: string
}

type Fields = { readonly [key: string]: unknown }

interface Read {
  readonly payload: Fields
  readonly ref: string
  readonly priority: Priority | undefined
  readonly memory: EnvelopeMemory
}

/** What `metadata.type` may say. */
const KINDS: ReadonlySet<unknown> = new Set(['text', 'image', 'audio', 'file'])

/** More posts than this are never in flight at once; the oldest is forgotten. */
const MAX_POSTED = 8192

function inRoom(read: (room: RoomId, from: Read) => Command | Problem): (from: Read) => Command | Problem {
  return (from) => {
    const room = roomId(from.payload.roomId)
    return room === undefined ? invalid('payload.roomId must be a room id', 'payload.roomId') : read(room, from)
  }
}

const readers = new Map<string, (from: Read) => Command | Problem>([
  [
    'joinRoom',
    inRoom((room, { payload }) => {
      const { history = 0, position } = payload
      if (typeof history !== 'number' || !Number.isSafeInteger(history) || history < 0)
        return invalid('payload.history must be a number of events', 'payload.history')
      const command = { type: 'join', room, history: Math.min(history, 1000) } as const
      if (position === undefined) return command
      const { epoch, seq } = isFields(position) ? position : { epoch: undefined, seq: undefined }
      return typeof epoch === 'string' && typeof seq === 'number' && Number.isSafeInteger(seq) && seq >= 0
        ? { ...command, at: { epoch, seq } }
        : invalid('payload.position must be {epoch, seq}', 'payload.position')
    }),
  ],
  ['leaveRoom', inRoom((room) => ({ type: 'leave', room }))],
  ['message', inRoom(post)],
  [
    'cancel',
    inRoom((room, { payload: { runId: run, toolCallId: call } }) => {
      if (!isId(run)) return invalid('payload.runId must be a run id', 'payload.runId')
      if (call !== undefined && !isId(call)) return invalid('payload.toolCallId must be an id', 'payload.toolCallId')
      return { type: 'cancel', room, run, ...(call === undefined ? {} : { call }) }
    }),
  ],
  [
    'toolApproval',
    inRoom((room, { payload: { runId: run, toolCallId: call, approved, reason } }) => {
      if (!isId(run)) return invalid('payload.runId must be a run id', 'payload.runId')
      if (!isId(call)) return invalid('payload.toolCallId must be an id', 'payload.toolCallId')
      if (typeof approved !== 'boolean') return invalid('payload.approved must be true or false', 'payload.approved')
      if (reason !== undefined && !isReason(reason))
        return invalid('payload.reason must be a short text', 'payload.reason')
      return { type: 'approve', room, run, call, approved, ...(reason === undefined ? {} : { reason }) }
    }),
  ],
  [
    'regenerate',
    inRoom((room, { payload: { runId: run }, ref }) =>
      isId(run)
        ? { type: 'regenerate', room, run, id: ref }
        : invalid('payload.runId must be a run id', 'payload.runId'),
    ),
  ],
  ['taskUpdate', task],
  ['taskAssign', task],
  ['tasks', inRoom((room, { payload }) => parsed({ ...payload, type: 'tasks', room, assignee: payload.assigneeId }))],
  ['editMessage', inRoom((room, from) => amend('edit', room, from, { parts: from.payload.content }))],
  ['deleteMessage', inRoom((room, from) => amend('redact', room, from, { reason: from.payload.reason }))],
  [
    'reaction',
    inRoom((room, from) =>
      amend('react', room, from, { reaction: from.payload.reaction, on: from.payload.on ?? true }),
    ),
  ],
  ['typing', inRoom((room, { payload }) => parsed({ type: 'typing', room, on: payload.on ?? true }))],
  ['presence', inRoom((room, { payload }) => parsed({ type: 'presence', room, state: payload.state }))],
  ['messageRead', inRoom((room, { payload }) => parsed({ type: 'read', room, seq: payload.seq }))],
  ['members', inRoom((room) => ({ type: 'members', room }))],
  ['uploadStart', inRoom((room, { payload }) => parsed(uploadOf('upload', room, payload)))],
  ['uploadCommit', inRoom((room, { payload }) => parsed(uploadOf('attach', room, payload)))],
  ['uploadCancel', inRoom((room, { payload }) => parsed(uploadOf('abandon', room, payload)))],
  ['attachmentLink', ({ payload }) => parsed({ type: 'link', attachment: payload.attachmentId })],
  [
    'search',
    ({ payload: { text, roomId: room, limit } }) => parsed({ type: 'search', text, ...given({ room, limit }) }),
  ],
  [
    'history',
    inRoom((room, { payload }) => {
      const { before, limit = 100 } = payload
      if (typeof before !== 'number' || !Number.isSafeInteger(before) || before < 0)
        return invalid('payload.before must be a seq', 'payload.before')
      if (typeof limit !== 'number' || !Number.isSafeInteger(limit) || limit < 1)
        return invalid('payload.limit must be at least 1', 'payload.limit')
      return { type: 'older', room, before, limit: Math.min(limit, 1000) }
    }),
  ],
  [
    'authenticate',
    ({ payload }) =>
      isToken(payload.token)
        ? { type: 'authenticate', token: payload.token }
        : invalid('payload.token must be a text', 'payload.token'),
  ],
  ['ping', () => ({ type: 'ping' })],
])

function post(room: RoomId, { payload, ref, priority, memory }: Read): Command | Problem {
  const { content, metadata, steers, supersedes } = payload
  if (metadata !== undefined && !isMeta(metadata))
    return invalid('payload.metadata must be an object', 'payload.metadata')
  if (steers !== undefined && !isId(steers)) return invalid('payload.steers must be a run id', 'payload.steers')
  if (supersedes !== undefined && !isId(supersedes))
    return invalid('payload.supersedes must be a message id', 'payload.supersedes')
  const { type: kind = 'text' } = metadata ?? {}
  if (kind === 'system') return problem('access.denied', 'only the server speaks as the system')
  if (!KINDS.has(kind))
    return invalid('payload.metadata.type must be "text", "image", "audio" or "file"', 'payload.metadata.type')
  const files = filesIn(metadata ?? {})
  if ('code' in files) return files
  // With a file the text is its caption, and may be missing.
  const caption = content ?? ''
  if (typeof caption !== 'string' || (caption === '' && files.parts.length === 0))
    return invalid('payload.content must be a text that is not empty', 'payload.content')
  const { parts, meta } = files.parts.length === 0 ? { parts: [], meta: metadata } : files
  remember(memory.posted, postKey(room, ref))
  return {
    type: 'post',
    room,
    id: ref,
    parts: [...(caption === '' ? [] : [{ type: 'text', text: caption } as const]), ...parts],
    ...(priority === undefined ? {} : { priority }),
    ...(meta === undefined || !isMeta(meta) || Object.keys(meta).length === 0 ? {} : { meta }),
    ...(steers === undefined ? {} : { steers }),
    ...(supersedes === undefined ? {} : { supersedes }),
  }
}

/** `taskUpdate` and `taskAssign`: a task names its room when it is new; afterwards its id alone is enough. */
function task({ payload, ref, priority }: Read): Command | Problem {
  const { taskId, roomId: room, title, status, progress, metadata, assigneeId } = payload
  if (!isId(taskId)) return invalid('payload.taskId must be an id', 'payload.taskId')
  const urgency = payload.priority ?? priority
  const fields = { title, status, progress, metadata, assignee: assigneeId, priority: urgency, room }
  return parsed({ type: 'task', id: ref, task: taskId, ...given(fields) })
}

function amend(
  type: 'edit' | 'redact' | 'react',
  room: RoomId,
  { payload, ref, memory }: Read,
  more: { readonly [key: string]: unknown },
): Command | Problem {
  const { messageId, senderId = memory.actor } = payload
  if (!isId(messageId) || typeof senderId !== 'string')
    return invalid('payload.messageId must be a message id', 'payload.messageId')
  return parsed({ type, room, id: ref, message: messageKey(senderId, messageId), ...given(more) })
}

/** The same door as for native commands; problems name the field as it is called there. */
function parsed(fields: Fields): Command | Problem {
  const read = parseCommand({ ref: 'envelope', ...given(fields) })
  return 'command' in read ? read.command : read.problem
}

function given(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function isReason(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 2000
}

/** Ids are scoped to their room. */
export function postKey(room: RoomId, id: string): string {
  return `${room} ${id}`
}

function remember(posted: Set<string>, key: string): void {
  const [oldest] = posted
  if (posted.size >= MAX_POSTED && oldest !== undefined) posted.delete(oldest)
  posted.add(key)
}

export function decode(text: string, memory: EnvelopeMemory): Asked | Misread {
  const read = readJson(text)
  if ('problem' in read) return read
  const { json } = read
  if (!isFields(json)) return { problem: invalid('a message is a JSON object with type and payload') }
  const { type, payload = {}, messageId, timestamp, priority } = json
  const refuse = (message: string, field: string): Misread => ({
    problem: invalid(message, field),
    ...(isId(messageId) ? { ref: messageId } : {}),
  })
  if (typeof type !== 'string') return refuse('type must be a text', 'type')
  if (messageId !== undefined && !isId(messageId))
    return refuse('messageId must be 1 to 128 characters of A-Z a-z 0-9 _ . : -', 'messageId')
  if (timestamp !== undefined && (typeof timestamp !== 'number' || !Number.isFinite(timestamp)))
    return refuse('timestamp must be a number', 'timestamp')
  if (priority !== undefined && !isPriority(priority)) return refuse('priority must be 0 to 4', 'priority')
  if (!isFields(payload)) return refuse('payload must be an object', 'payload')
  const reader = readers.get(type)
  if (reader === undefined) return refuse('unknown message type', 'type')
  const ref = messageId ?? memory.greeting.uuid()
  const command = reader({ payload, ref, priority, memory })
  return 'code' in command ? { ref, problem: command } : { ref, command }
}
