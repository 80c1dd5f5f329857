// The door: a text from the server in, a frame that can be trusted out, or what is wrong with it. Never throws.
import {
  type Answer,
  type Call,
  type Event,
  type Hit,
  isFields,
  isProblem,
  type Member,
  type Notice,
  type Page,
  type Problem,
  problem,
  type RoomId,
  type RoomSummary,
  readJson,
  roomId,
  type Signal,
} from '@parley/protocol'
import { isAttachment, isAuthor, isFact, isKnown, isTask, isText } from './facts.ts'
import { isHealth, isKnownSignal, isSignal } from './signals.ts'

export type ServerFrame =
  | Notice
  | { readonly type: 'page'; readonly page: Page }
  | { readonly type: 'signals'; readonly room: RoomId; readonly signals: readonly Signal[] }
  | { readonly type: 'reply'; readonly ref: string; readonly answer: Answer }
  | { readonly type: 'reply'; readonly ref: string; readonly problem: Problem }

/** What a text from the server says. `unknown` is a word of a later version: not for us, and no error. */
export type Reading =
  | { readonly as: 'frame'; readonly frame: ServerFrame }
  | { readonly as: 'unknown' }
  | { readonly as: 'wrong'; readonly problem: Problem }

type Fields = { readonly [key: string]: unknown }

export function readFrame(text: string): Reading {
  const read = readJson(text)
  if ('problem' in read) return wrong('it is not JSON')
  if (!isFields(read.json) || typeof read.json.type !== 'string') return wrong('it has no type')
  const readFields = readers.get(read.json.type)
  if (readFields === undefined) return { as: 'unknown' }
  const frame = readFields(read.json)
  return frame === undefined ? wrong(`a ${read.json.type} has the wrong shape`) : { as: 'frame', frame }
}

function wrong(what: string): Reading {
  return { as: 'wrong', problem: problem('message.invalid', `the server sent a frame that cannot be read: ${what}`) }
}

/** A Map, so that a type called "constructor" finds nothing. */
const readers = new Map<string, (fields: Fields) => ServerFrame | undefined>([
  ['page', ({ page }) => (isPage(page) ? { type: 'page', page: known(page) } : undefined)],
  ['signals', signalsOf],
  ['reply', replyOf],
  ['welcome', welcomeOf],
  ['token.expiring', ({ expiresAt }) => (isCount(expiresAt) ? { type: 'token.expiring', expiresAt } : undefined)],
  ['health', (fields) => (isHealth(fields) ? fields : undefined)],
  [
    'task.assigned',
    ({ room: name, task, by }) => {
      const room = roomId(name)
      return room !== undefined && isTask(task) && isAuthor(by) ? { type: 'task.assigned', room, task, by } : undefined
    },
  ],
  [
    'upload.confirmed',
    ({ channel, confirmed }) =>
      isCount(channel) && isCount(confirmed) ? { type: 'upload.confirmed', channel, confirmed } : undefined,
  ],
  [
    'upload.ended',
    ({ channel, problem: value }) => {
      const why = problemOf(value)
      return isCount(channel) && why !== undefined ? { type: 'upload.ended', channel, problem: why } : undefined
    },
  ],
  ['leaving', ({ retryAfterMs }) => (isCount(retryAfterMs) ? { type: 'leaving', retryAfterMs } : undefined)],
  [
    'removed',
    (fields) => {
      const room = roomId(fields.room)
      const why = problemOf(fields.problem)
      return room === undefined || why === undefined ? undefined : { type: 'removed', room, problem: why }
    },
  ],
  [
    'problem',
    ({ problem: value, ref }) => {
      const why = problemOf(value)
      if (why === undefined) return undefined
      return typeof ref === 'string' ? { type: 'problem', problem: why, ref } : { type: 'problem', problem: why }
    },
  ],
])

function welcomeOf({ actor, node, now, expiresAt, heartbeatMs, maxFrameBytes }: Fields): ServerFrame | undefined {
  if (!isAuthor(actor) || typeof node !== 'string' || !isCount(now)) return undefined
  if (!isCount(heartbeatMs) || !isCount(maxFrameBytes)) return undefined
  const welcome = { type: 'welcome', actor, node, now, heartbeatMs, maxFrameBytes } as const
  return isCount(expiresAt) ? { ...welcome, expiresAt } : welcome
}

/** Signals of a later version are passed over. */
function signalsOf({ room: name, signals }: Fields): ServerFrame | undefined {
  const room = roomId(name)
  if (room === undefined || !Array.isArray(signals) || !signals.every(isSignal)) return undefined
  return { type: 'signals', room, signals: signals.filter(isKnownSignal) }
}

function replyOf({ ref, answer, problem: value }: Fields): ServerFrame | undefined {
  if (typeof ref !== 'string') return undefined
  if (value === undefined) return isAnswer(answer) ? { type: 'reply', ref, answer: withKnown(answer) } : undefined
  const why = problemOf(value)
  return why === undefined ? undefined : { type: 'reply', ref, problem: why }
}

const answers = new Map<string, (fields: Fields) => boolean>([
  ['join', ({ room, position, members }) => isRoom(room) && isPosition(position) && isListOf(members, isAuthor)],
  ['leave', ({ room }) => isRoom(room)],
  [
    'post',
    ({ room, id, position, calls }) =>
      isRoom(room) &&
      typeof id === 'string' &&
      isPosition(position) &&
      (calls === undefined || isListOf(calls, isCallLike)),
  ],
  ['cancel', isOfLog],
  ['approve', isOfLog],
  ['regenerate', ({ room, run, position }) => isRoom(room) && typeof run === 'string' && isPosition(position)],
  ['edit', isOfLog],
  ['redact', isOfLog],
  ['react', isOfLog],
  ['task', (fields) => isOfLog(fields) && isTask(fields.task)],
  ['tasks', ({ room, tasks }) => isRoom(room) && isListOf(tasks, isTask)],
  ['typing', ({ room }) => isRoom(room)],
  ['presence', ({ room }) => isRoom(room)],
  ['read', ({ room, seq }) => isRoom(room) && isCount(seq)],
  ['members', ({ room, members, count }) => isRoom(room) && isListOf(members, isMember) && isCount(count)],
  ['search', ({ hits }) => isListOf(hits, isHit)],
  ['older', ({ page }) => isPage(page)],
  ['rooms', ({ rooms }) => isListOf(rooms, isSummary)],
  [
    'upload',
    (fields) => isOfUpload(fields) && ('attachment' in fields ? isAttachment(fields.attachment) : isWay(fields)),
  ],
  ['attach', (fields) => isOfUpload(fields) && isAttachment(fields.attachment)],
  ['abandon', isOfUpload],
  ['link', ({ attachment, url, expiresAt }) => isText(attachment) && isText(url) && isCount(expiresAt)],
  ['authenticate', ({ actor }) => isAuthor(actor)],
  ['ping', () => true],
])

function isAnswer(value: unknown): value is Answer {
  return isFields(value) && typeof value.type === 'string' && (answers.get(value.type)?.(value) ?? false)
}

/** The answer without what is of a later version. */
function withKnown(answer: Answer): Answer {
  if (answer.type === 'older') return { ...answer, page: known(answer.page) }
  if (answer.type !== 'post' || answer.calls === undefined) return answer
  return { ...answer, calls: answer.calls.filter(({ how }) => ways.has(how)) }
}

const ways: ReadonlySet<string> = new Set<Call['how']>(['answers', 'waits', 'interrupts', 'steers'])

function isCallLike(value: unknown): boolean {
  return isFields(value) && [value.agent, value.run, value.how].every((field) => typeof field === 'string')
}

function isSummary(value: unknown): value is RoomSummary {
  if (!isFields(value) || !isRoom(value.room) || !isCount(value.head) || !isCount(value.at)) return false
  return value.unread === undefined || isCount(value.unread)
}

function isMember(value: unknown): value is Member {
  return isFields(value) && isAuthor(value.user)
}

function isHit(value: unknown): value is Hit {
  if (!isFields(value) || !isRoom(value.room) || !isCount(value.seq) || !isCount(value.at)) return false
  return typeof value.message === 'string' && typeof value.excerpt === 'string' && isAuthor(value.by)
}

/** Events are in order and lie within the page; facts that this version does not know may be among them. */
function isPage(value: unknown): value is Page {
  if (!isFields(value) || !isRoom(value.room) || typeof value.epoch !== 'string') return false
  const { after, upTo, events, reset, standing } = value
  if (!isCount(after) || !isCount(upTo) || after > upTo || !Array.isArray(events)) return false
  if (reset !== undefined && typeof reset !== 'string') return false
  if (standing !== undefined && !isListOf(standing, isEvent)) return false
  let last = after
  for (const event of events) {
    if (!isEvent(event) || event.seq <= last || event.seq > upTo) return false
    last = event.seq
  }
  return true
}

function isEvent(value: unknown): value is { readonly seq: number } {
  if (!isFields(value) || !isCount(value.seq) || typeof value.at !== 'number') return false
  if (value.id !== undefined && typeof value.id !== 'string') return false
  return isAuthor(value.by) && isFact(value.fact)
}

/** The page without facts of a later version: what they tell cannot be shown here. */
function known(page: Page): Page {
  const { events, standing } = page
  if ([...events, ...(standing ?? [])].every(isOfNow)) return page
  return {
    ...page,
    events: events.filter(isOfNow),
    ...(standing === undefined ? {} : { standing: standing.filter(isOfNow) }),
  }
}

function isOfNow({ fact }: Event): boolean {
  return isKnown(fact.type)
}

/** A problem with a code of a later version is one that trying again does not solve. */
function problemOf(value: unknown): Problem | undefined {
  if (!isFields(value) || typeof value.message !== 'string' || typeof value.code !== 'string') return undefined
  const { message, code, retryAfterMs } = value
  const more = isCount(retryAfterMs) ? { retryAfterMs } : {}
  const named = { code, message }
  return isProblem(named) ? { ...named, ...more } : problem('message.invalid', message, { ...more, details: { code } })
}

function isRoom(value: unknown): boolean {
  return roomId(value) !== undefined
}

/** What tells that a wish is in the log. */
function isOfLog({ room, position }: Fields): boolean {
  return isRoom(room) && isPosition(position)
}

function isOfUpload({ room, id }: Fields): boolean {
  return isRoom(room) && isText(id)
}

/** Windows of nothing would never end. */
function isWay({ channel, confirmed, window, pieceBytes }: Fields): boolean {
  return [channel, confirmed].every(isCount) && isCount(window) && window > 0 && isCount(pieceBytes) && pieceBytes > 0
}

function isPosition(value: unknown): boolean {
  return isFields(value) && typeof value.epoch === 'string' && isCount(value.seq)
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function isListOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every((item) => isItem(item))
}
