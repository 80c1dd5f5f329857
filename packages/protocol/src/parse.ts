// The door: unknown in, a typed command or a problem out. Never throws, never clones, refuses what it does not know.
import type { Asked, Command, Misread, SentPart, SetTask } from './command.ts'
import { type Problem, problem } from './problem.ts'
import { isId, isLabel, type Json, type Position, type Priority, type RoomId, roomId } from './words.ts'

export type Parsed = Asked | Misread

type Fields = { readonly [key: string]: unknown }

/** Parts of one message. */
export const MAX_PARTS = 64
const MAX_DEPTH = 32
const MAX_HISTORY = 1000
/** Characters of the reason for a decision. */
const MAX_REASON = 2000
/** Characters of a reaction, a task's title, a key of a message, what somebody says of themselves. */
const MAX_REACTION = 32
const MAX_TITLE = 500
const MAX_KEY = 512
const MAX_STATE = 1024
const MAX_MENTIONS = 64
/** Bytes of a token; longer ones are refused unread. */
export const MAX_TOKEN = 8192

/** A text frame as JSON, or the problem with it. */
export function readJson(text: string): { readonly json: unknown } | { readonly problem: Problem } {
  try {
    return { json: JSON.parse(text) }
  } catch {
    return { problem: invalid('the frame is not valid JSON') }
  }
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function invalid(message: string, field?: string): Problem {
  return problem('message.invalid', message, field === undefined ? {} : { details: { field } })
}

/** JSON of bounded depth without keys that could reach an object's prototype. */
export function isJson(value: unknown, depth = MAX_DEPTH): value is Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || depth === 0) return false
  if (Array.isArray(value)) return value.every((item) => isJson(item, depth - 1))
  return Object.entries(value).every(([key, item]) => key !== '__proto__' && isJson(item, depth - 1))
}

export function isPriority(value: unknown): value is Priority {
  return value === 0 || value === 1 || value === 2 || value === 3 || value === 4
}

function isSeq(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function position(value: unknown): Position | undefined {
  if (!isFields(value) || !isSeq(value.seq)) return undefined
  const { epoch } = value
  return typeof epoch === 'string' && epoch.length > 0 && epoch.length <= 64 ? { epoch, seq: value.seq } : undefined
}

/** The parts a user may post; tool and reasoning parts are an agent's alone. */
export function userParts(value: unknown): readonly SentPart[] | Problem {
  if (typeof value === 'string')
    return value === '' ? invalid('the message is empty', 'parts') : [{ type: 'text', text: value }]
  if (!Array.isArray(value) || value.length === 0) return invalid('parts must be a text or a list of parts', 'parts')
  if (value.length > MAX_PARTS) return invalid(`a message has at most ${MAX_PARTS} parts`, 'parts')
  const parts: SentPart[] = []
  for (const item of value) {
    const part = isFields(item) ? userPart(item) : undefined
    if (part === undefined)
      return invalid(
        'a part is {type:"text",text}, {type:"data",name,data} or {type:"image|audio|file",attachment}',
        'parts',
      )
    parts.push(part)
  }
  return parts
}

function userPart({ type, text, name, data, attachment, base64 }: Fields): SentPart | undefined {
  switch (type) {
    case 'text':
      return typeof text === 'string' ? { type, text } : undefined
    case 'data':
      return typeof name === 'string' && name.length <= 128 && isJson(data) ? { type, name, data } : undefined
    case 'image':
    case 'audio':
    case 'file':
      if (isFields(attachment)) return isId(attachment.id) ? { type, attachment: { id: attachment.id } } : undefined
      return isFileName(name) && isBase64(base64) ? { type, name, base64 } : undefined
    default:
      return undefined
  }
}

/** What could be a path, or could make a name look like another. */
const IN_NO_NAME = /[\p{Cc}\p{Cs}\p{Bidi_Control}/\\]/u
const MAX_NAME = 255

/** A file's name as it may be told: no path, nothing that turns a terminal or a header. */
export function isFileName(value: unknown): value is string {
  return isShort(value, MAX_NAME) && value.trim() !== '' && value !== '.' && value !== '..' && !IN_NO_NAME.test(value)
}

/** The nearest name that is one. */
export function fileNameOf(path: string): string {
  const last = path.split(/[/\\]/u).at(-1) ?? ''
  const name = last
    .replaceAll(/[\p{Cc}\p{Cs}\p{Bidi_Control}]/gu, '')
    .slice(0, MAX_NAME)
    .toWellFormed()
  return isFileName(name) ? name : 'file'
}

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

export function isBase64(value: unknown): value is string {
  return typeof value === 'string' && value.length % 4 === 0 && BASE64.test(value)
}

const SHA256 = /^[0-9a-f]{64}$/

function isSha256(value: unknown): value is string {
  return typeof value === 'string' && SHA256.test(value)
}

export function isParts(value: readonly SentPart[] | Problem): value is readonly SentPart[] {
  return Array.isArray(value)
}

/** `meta` of a post: an object of bounded JSON. */
export function isMeta(value: unknown): value is { readonly [key: string]: Json } {
  return isFields(value) && isJson(value)
}

function isShort(value: unknown, most: number): value is string {
  return typeof value === 'string' && value.length <= most
}

/** `author/id` */
function isKey(value: unknown): value is string {
  return isShort(value, MAX_KEY) && isId(value.slice(value.lastIndexOf('/') + 1)) && value.includes('/')
}

function areMentions(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) && value.length <= MAX_MENTIONS && value.every((one) => isShort(one, MAX_KEY) && one !== '')
  )
}

export function isToken(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_TOKEN
}

type Reader = (fields: Fields, room: RoomId) => Command | Problem

function inRoom(read: Reader): (fields: Fields) => Command | Problem {
  return (fields) => {
    const room = roomId(fields.room)
    return room === undefined ? invalid('room must be a room id', 'room') : read(fields, room)
  }
}

/** What is given of a task; shared by all dialects. `fields.task` is its id. */
export function setTask(fields: Fields, room?: RoomId): SetTask | Problem {
  const { id, task, title, status, progress, priority, assignee, metadata } = fields
  if (!isId(id)) return invalid('id must be an id', 'id')
  if (!isId(task)) return invalid('task must be an id', 'task')
  if (title !== undefined && (!isShort(title, MAX_TITLE) || title.trim() === ''))
    return invalid(`title must be a text of 1 to ${MAX_TITLE} characters`, 'title')
  if (status !== undefined && !isLabel(status)) return invalid('status must be a label of 1 to 64 characters', 'status')
  if (progress !== undefined && (typeof progress !== 'number' || !(progress >= 0 && progress <= 100)))
    return invalid('progress must be a number from 0 to 100', 'progress')
  if (priority !== undefined && !isPriority(priority)) return invalid('priority must be 0 to 4', 'priority')
  if (assignee !== undefined && assignee !== null && (!isShort(assignee, MAX_KEY) || assignee === ''))
    return invalid('assignee must be a user id or null', 'assignee')
  if (metadata !== undefined && !isMeta(metadata)) return invalid('metadata must be an object', 'metadata')
  return {
    type: 'task',
    ...(room === undefined ? {} : { room }),
    id,
    task,
    ...(title === undefined ? {} : { title }),
    ...(status === undefined ? {} : { status }),
    ...(progress === undefined ? {} : { progress }),
    ...(priority === undefined ? {} : { priority }),
    ...(assignee === undefined ? {} : { assignee }),
    ...(metadata === undefined ? {} : { metadata }),
  }
}

/** A Map, so that a type called "constructor" finds nothing. */
const readers = new Map<string, (fields: Fields) => Command | Problem>([
  [
    'join',
    inRoom((fields, room) => {
      const at = fields.at === undefined ? undefined : position(fields.at)
      if (fields.at !== undefined && at === undefined) return invalid('at must be {epoch, seq}', 'at')
      const { history } = fields
      if (history !== undefined && !isSeq(history)) return invalid('history must be a number of events', 'history')
      return {
        type: 'join',
        room,
        ...(at === undefined ? {} : { at }),
        ...(history === undefined ? {} : { history: Math.min(history, MAX_HISTORY) }),
      }
    }),
  ],
  ['leave', inRoom((_, room) => ({ type: 'leave', room }))],
  [
    'post',
    inRoom((fields, room) => {
      const { id, priority, meta, after, steers, supersedes, replyTo, mentions } = fields
      if (!isId(id)) return invalid('id must be 1 to 128 characters of A-Z a-z 0-9 _ . : -', 'id')
      if (priority !== undefined && !isPriority(priority)) return invalid('priority must be 0 to 4', 'priority')
      if (meta !== undefined && !isMeta(meta)) return invalid('meta must be an object', 'meta')
      if (after !== undefined && !isId(after)) return invalid('after must be a message id', 'after')
      if (steers !== undefined && !isId(steers)) return invalid('steers must be a run id', 'steers')
      if (supersedes !== undefined && !isId(supersedes)) return invalid('supersedes must be a message id', 'supersedes')
      if (replyTo !== undefined && !isKey(replyTo)) return invalid('replyTo must be the key of a message', 'replyTo')
      if (mentions !== undefined && !areMentions(mentions))
        return invalid(`mentions must be a list of at most ${MAX_MENTIONS} user ids`, 'mentions')
      const parts = userParts(fields.parts)
      if (!isParts(parts)) return parts
      // Most have nothing else.
      if ((priority ?? meta ?? after ?? steers ?? supersedes ?? replyTo ?? mentions) === undefined)
        return { type: 'post', room, id, parts }
      return {
        type: 'post',
        room,
        id,
        parts,
        ...(priority === undefined ? {} : { priority }),
        ...(meta === undefined ? {} : { meta }),
        ...(after === undefined ? {} : { after }),
        ...(steers === undefined ? {} : { steers }),
        ...(supersedes === undefined ? {} : { supersedes }),
        ...(replyTo === undefined ? {} : { replyTo }),
        ...(mentions === undefined ? {} : { mentions }),
      }
    }),
  ],
  [
    'edit',
    inRoom(({ id, message, parts: given }, room) => {
      if (!isId(id)) return invalid('id must be an id', 'id')
      if (!isKey(message)) return invalid('message must be the key of a message', 'message')
      const parts = userParts(given)
      return isParts(parts) ? { type: 'edit', room, id, message, parts } : parts
    }),
  ],
  [
    'redact',
    inRoom(({ id, message, reason }, room) => {
      if (!isId(id)) return invalid('id must be an id', 'id')
      if (!isKey(message)) return invalid('message must be the key of a message', 'message')
      if (reason !== undefined && !isShort(reason, MAX_REASON)) return invalid('reason must be a short text', 'reason')
      return { type: 'redact', room, id, message, ...(reason === undefined ? {} : { reason }) }
    }),
  ],
  [
    'react',
    inRoom(({ id, message, reaction, on }, room) => {
      if (!isId(id)) return invalid('id must be an id', 'id')
      if (!isKey(message)) return invalid('message must be the key of a message', 'message')
      if (!isShort(reaction, MAX_REACTION) || reaction === '')
        return invalid(`reaction must be a text of 1 to ${MAX_REACTION} characters`, 'reaction')
      return typeof on === 'boolean'
        ? { type: 'react', room, id, message, reaction, on }
        : invalid('on must be true or false', 'on')
    }),
  ],
  ['task', (fields) => (fields.room === undefined ? setTask(fields) : inRoom(setTask)(fields))],
  [
    'tasks',
    inRoom(({ status, assignee, limit = 100 }, room) => {
      if (status !== undefined && !isLabel(status)) return invalid('status must be a label', 'status')
      if (assignee !== undefined && !isShort(assignee, MAX_KEY))
        return invalid('assignee must be a user id', 'assignee')
      if (!isSeq(limit) || limit === 0) return invalid('limit must be at least 1', 'limit')
      return {
        type: 'tasks',
        room,
        limit: Math.min(limit, MAX_HISTORY),
        ...(status === undefined ? {} : { status }),
        ...(assignee === undefined ? {} : { assignee }),
      }
    }),
  ],
  [
    'typing',
    inRoom(({ on }, room) =>
      typeof on === 'boolean' ? { type: 'typing', room, on } : invalid('on must be true or false', 'on'),
    ),
  ],
  [
    'presence',
    inRoom(({ state }, room) =>
      isJson(state) && JSON.stringify(state).length <= MAX_STATE
        ? { type: 'presence', room, state }
        : invalid(`state must be JSON of at most ${MAX_STATE} characters`, 'state'),
    ),
  ],
  ['read', inRoom(({ seq }, room) => (isSeq(seq) ? { type: 'read', room, seq } : invalid('seq must be a seq', 'seq')))],
  ['members', inRoom((_, room) => ({ type: 'members', room }))],
  [
    'search',
    ({ text, room: where, limit = 20 }) => {
      const room = where === undefined ? undefined : roomId(where)
      if (where !== undefined && room === undefined) return invalid('room must be a room id', 'room')
      if (!isShort(text, MAX_REASON) || text.trim() === '') return invalid('text must be a short text', 'text')
      if (!isSeq(limit) || limit === 0) return invalid('limit must be at least 1', 'limit')
      return { type: 'search', text, limit: Math.min(limit, 100), ...(room === undefined ? {} : { room }) }
    },
  ],
  [
    'cancel',
    inRoom(({ run, call }, room) => {
      if (!isId(run)) return invalid('run must be a run id', 'run')
      if (call !== undefined && !isId(call)) return invalid('call must be the id of a tool call', 'call')
      return { type: 'cancel', room, run, ...(call === undefined ? {} : { call }) }
    }),
  ],
  [
    'approve',
    inRoom(({ run, call, approved, reason }, room) => {
      if (!isId(run)) return invalid('run must be a run id', 'run')
      if (!isId(call)) return invalid('call must be the id of a tool call', 'call')
      if (typeof approved !== 'boolean') return invalid('approved must be true or false', 'approved')
      if (reason !== undefined && (typeof reason !== 'string' || reason.length > MAX_REASON))
        return invalid(`reason must be a text of at most ${MAX_REASON} characters`, 'reason')
      return { type: 'approve', room, run, call, approved, ...(reason === undefined ? {} : { reason }) }
    }),
  ],
  [
    'regenerate',
    inRoom(({ run, id }, room) => {
      if (!isId(run)) return invalid('run must be a run id', 'run')
      return isId(id) ? { type: 'regenerate', room, run, id } : invalid('id must be an id', 'id')
    }),
  ],
  [
    'older',
    inRoom((fields, room) => {
      const { before, limit = 100 } = fields
      if (!isSeq(before)) return invalid('before must be a seq', 'before')
      if (!isSeq(limit) || limit === 0) return invalid('limit must be at least 1', 'limit')
      return { type: 'older', room, before, limit: Math.min(limit, MAX_HISTORY) }
    }),
  ],
  ['rooms', () => ({ type: 'rooms' })],
  [
    'upload',
    inRoom(({ id, name, size }, room) => {
      if (!isId(id)) return invalid('id must be an id', 'id')
      if (!isFileName(name))
        return invalid(`name must be 1 to ${MAX_NAME} characters without a path or control characters`, 'name')
      if (size !== undefined && !isSeq(size)) return invalid('size must be a number of bytes', 'size')
      return { type: 'upload', room, id, name, ...(size === undefined ? {} : { size }) }
    }),
  ],
  [
    'attach',
    inRoom(({ id, size, sha256 }, room) => {
      if (!isId(id)) return invalid('id must be an id', 'id')
      if (!isSeq(size)) return invalid('size must be a number of bytes', 'size')
      if (!isSha256(sha256)) return invalid('sha256 must be 64 hex digits in lower case', 'sha256')
      return { type: 'attach', room, id, size, sha256 }
    }),
  ],
  ['abandon', inRoom(({ id }, room) => (isId(id) ? { type: 'abandon', room, id } : invalid('id must be an id', 'id')))],
  [
    'link',
    ({ attachment }) =>
      isId(attachment) ? { type: 'link', attachment } : invalid('attachment must be an id', 'attachment'),
  ],
  [
    'authenticate',
    ({ token }) => (isToken(token) ? { type: 'authenticate', token } : invalid('token must be a text', 'token')),
  ],
  ['ping', () => ({ type: 'ping' })],
])

/** A native frame, already parsed as JSON. */
export function parseCommand(value: unknown): Parsed {
  if (!isFields(value)) return { problem: invalid('a message is a JSON object with a type') }
  const { type, ref } = value
  const known = typeof ref === 'string' && ref.length > 0 && ref.length <= 128 ? ref : undefined
  const refuse = (why: Problem): Misread => (known === undefined ? { problem: why } : { ref: known, problem: why })
  if (typeof type !== 'string') return refuse(invalid('type must be a text', 'type'))
  if (known === undefined) return { problem: invalid('ref must be a text of 1 to 128 characters', 'ref') }
  const read = readers.get(type)
  if (read === undefined) return refuse(invalid('unknown message type', 'type'))
  const command = read(value)
  return 'code' in command ? refuse(command) : { ref: known, command }
}
