// The requests of one AI SDK connection: each wants an answer of a chat, and hears it until it ends.
import type { Asked, Command } from '../command.ts'
import { messageKey } from '../event.ts'
import type { Page } from '../page.ts'
import { type Problem, problem } from '../problem.ts'
import type { Signal, ToolProgress } from '../signal.ts'
import { applyPage, emptyTimeline, isToolOver, type Timeline } from '../timeline.ts'
import type { RoomId, RunId } from '../words.ts'
import { answerOf, nothingTold, type Told, tellAnswer } from './ai-sdk-chunks.ts'
import { chatRoom } from './ai-sdk-room.ts'
import { deedOf, isGoing, type Wish } from './ai-sdk-wish.ts'
import type { Greeting } from './dialect.ts'

/** How a room looks that is heard because requests are about it, and only as long as they are. */
interface Chat {
  readonly picture: Timeline
  readonly progress: ReadonlyMap<string, ToolProgress>
}

/** How far a request has come. */
type Standing =
  /** It waits for its turn, for who speaks, and for the picture of its room. */
  | { readonly at: 'waiting'; readonly wish: Wish }
  /** What it wants was asked, and the answer names the run. `unwanted`: that is to be stopped then. */
  | { readonly at: 'asked'; readonly unwanted: boolean }
  | { readonly at: 'following'; readonly run: RunId; readonly told: Told; readonly sequence: number }

interface Request {
  readonly id: string
  readonly chat: string
  /** Known as soon as it is known who speaks. */
  room?: RoomId
  standing: Standing
}

/** What is known of a connection. */
export interface AiSdkMemory {
  readonly greeting: Greeting
  actor: string
  readonly requests: Map<string, Request>
  /** Undefined: asked for, and not told of yet. */
  readonly chats: Map<RoomId, Chat | undefined>
  /** What the connection is to ask by itself. */
  asks: Asked[]
}

/** Requests of one connection that are open at once. */
const MOST_REQUESTS = 256
/** Events of the past among which earlier answers and questions are looked for. */
const HISTORY = 1_000

export function begin(greeting: Greeting): AiSdkMemory {
  return { greeting, actor: '', requests: new Map(), chats: new Map(), asks: [] }
}

/** Remembers a request until its turn comes. */
export function add(id: string, chat: string, wish: Wish, { requests }: AiSdkMemory): Problem | undefined {
  if (requests.has(id)) return problem('id.conflict', 'this request is going on already')
  if (requests.size >= MOST_REQUESTS) return problem('limit.exceeded', 'too many requests are open at once')
  requests.set(id, { id, chat, standing: { at: 'waiting', wish } })
  return undefined
}

/** Its turn has come, and it is known who speaks. */
export function enter(id: string, memory: AiSdkMemory): string[] {
  const request = memory.requests.get(id)
  if (request === undefined || request.room !== undefined) return []
  const room = chatRoom(memory.actor, request.chat)
  request.room = room
  if (!memory.chats.has(room)) {
    memory.chats.set(room, undefined)
    ask(memory, id, { type: 'join', room, history: HISTORY })
  }
  return wake(request, memory)
}

/**
 * The client hears no more of a request. The answer that it hears, or will hear, is stopped. A resume that nothing was told
 * of yet was only a question.
 */
export function abort(id: string, memory: AiSdkMemory): void {
  const request = memory.requests.get(id)
  if (request === undefined) return
  const { standing } = request
  if (standing.at === 'asked') {
    request.standing = { at: 'asked', unwanted: true }
    return
  }
  if (standing.at === 'following') stop(request, standing.run, memory)
  forget(request, memory)
}

/** What a request asked for has set this run going; undefined: none. */
export function began(id: string, run: RunId | undefined, memory: AiSdkMemory): string[] {
  const request = memory.requests.get(id)
  if (request?.standing.at !== 'asked') return []
  const { unwanted } = request.standing
  if (run !== undefined && !unwanted) return follow(request, run, nothingTold, memory)
  if (run !== undefined) stop(request, run, memory)
  forget(request, memory)
  return unwanted ? [] : [say('start', id), say('end', id)]
}

/** The run that answers a message that the actor posted into the request's room. */
export function runOf(id: string, message: string, { requests, chats, actor }: AiSdkMemory): RunId | undefined {
  const room = requests.get(id)?.room
  const runs = room === undefined ? undefined : chats.get(room)?.picture.runs.values()
  return [...(runs ?? [])].findLast(({ cause }) => cause === messageKey(actor, message))?.id
}

/** Its turn is refused. One that has had its turn goes on: this was only about its end. */
export function turnAway(id: string, why: Problem, memory: AiSdkMemory): string[] {
  return memory.requests.get(id)?.room === undefined ? fail(id, why, memory) : []
}

export function fail(id: string, why: Problem, memory: AiSdkMemory): string[] {
  const request = memory.requests.get(id)
  if (request === undefined) return []
  const { standing } = request
  forget(request, memory)
  return standing.at === 'asked' && standing.unwanted ? [] : [sayError(id, why)]
}

/** A room is not heard any more. */
export function lose(room: RoomId, why: Problem, memory: AiSdkMemory): string[] {
  memory.chats.delete(room)
  return about(room, memory).flatMap(({ id }) => fail(id, why, memory))
}

export function hearPage(page: Page, memory: AiSdkMemory): string[] {
  const { room, reset } = page
  const chat = memory.chats.get(room)
  // Left already; or joined anew, and this is still for the one who left.
  if (!memory.chats.has(room) || (chat === undefined && reset === undefined)) return []
  const picture = applyPage(chat?.picture ?? emptyTimeline(room), page)
  const progress = [...(chat?.progress ?? [])].filter(([call]) => isAtWork(picture, call))
  const frames = look(room, { picture, progress: new Map(progress) }, memory)
  return reset === undefined ? frames : [...frames, ...about(room, memory).flatMap((one) => miss(one, picture, memory))]
}

export function hearSignals(room: RoomId, signals: readonly Signal[], memory: AiSdkMemory): string[] {
  const chat = memory.chats.get(room)
  if (chat === undefined) return []
  const { picture } = chat
  // Also of a call that only the next page tells of.
  const told = signals.flatMap((signal) => (signal.type === 'tool.progress' ? [signal] : []))
  const news = told.filter(({ call }) => isAtWork(picture, call) || !picture.tools.has(call))
  const progress = new Map([...chat.progress, ...news.map((signal) => [signal.call, signal] as const)])
  return look(room, { picture, progress }, memory)
}

export function sayError(requestId: string, { message: errorText }: Problem): string {
  return JSON.stringify({ type: 'error', requestId, errorText })
}

function say(type: 'start' | 'end' | 'no-active', requestId: string): string {
  return JSON.stringify({ type, requestId })
}

function ask(memory: AiSdkMemory, ref: string, ...commands: readonly Command[]): void {
  memory.asks.push(...commands.map((command) => ({ ref, command })))
}

/** The room looks like this now. */
function look(room: RoomId, chat: Chat, memory: AiSdkMemory): string[] {
  memory.chats.set(room, chat)
  return about(room, memory).flatMap((request) =>
    request.standing.at === 'waiting' ? wake(request, memory) : tell(request, memory),
  )
}

/** Does what is wanted, as soon as the picture of its room is there. */
function wake(request: Request, memory: AiSdkMemory): string[] {
  const { id, standing } = request
  const chat = chatOf(request, memory)
  if (standing.at !== 'waiting' || chat === undefined) return []
  const deed = deedOf(standing.wish, chat.picture, memory.actor, memory.greeting.uuid())
  if ('code' in deed) return fail(id, deed, memory)
  ask(memory, id, ...deed.asks)
  if (deed.follows !== undefined) return follow(request, deed.follows.run, deed.follows.told, memory)
  request.standing = { at: 'asked', unwanted: false }
  if (deed.asks.length > 0) return []
  forget(request, memory)
  return [say('no-active', id)]
}

function follow(request: Request, run: RunId, told: Told, memory: AiSdkMemory): string[] {
  request.standing = { at: 'following', run, told, sequence: 0 }
  return [say('start', request.id), ...tell(request, memory)]
}

/** Says what is new of the answer that the request follows. */
function tell(request: Request, memory: AiSdkMemory): string[] {
  const { id: requestId, standing } = request
  const chat = chatOf(request, memory)
  if (standing.at !== 'following' || chat === undefined) return []
  const answer = answerOf(chat.picture, standing.run, chat.progress)
  if (answer === undefined) return []
  const { told, chunks } = tellAnswer(standing.told, answer)
  const { sequence } = standing
  request.standing = { ...standing, told, sequence: sequence + chunks.length }
  const frames = chunks.map((chunk, index) =>
    JSON.stringify({ type: 'chunk', requestId, sequence: sequence + index, chunk }),
  )
  if (!told.done) return frames
  forget(request, memory)
  return [...frames, say('end', requestId)]
}

/** The room begins anew, and what the client has heard of is not in it any more. */
function miss({ id, standing }: Request, { runs }: Timeline, memory: AiSdkMemory): string[] {
  if (standing.at !== 'following' || !standing.told.started || runs.has(standing.run)) return []
  return fail(id, problem('run.over', 'the answer cannot be followed any more'), memory)
}

function stop({ id, room }: Request, run: RunId, memory: AiSdkMemory): void {
  if (room === undefined) return
  const known = memory.chats.get(room)?.picture.runs.get(run)
  if (known === undefined || isGoing(known)) ask(memory, id, { type: 'cancel', room, run })
}

/** Whoever asked last about a room leaves it. */
function forget({ id, room }: Request, memory: AiSdkMemory): void {
  memory.requests.delete(id)
  if (room === undefined || !memory.chats.has(room) || about(room, memory).length > 0) return
  memory.chats.delete(room)
  ask(memory, id, { type: 'leave', room })
}

function about(room: RoomId, { requests }: AiSdkMemory): Request[] {
  return [...requests.values()].filter((request) => request.room === room)
}

function chatOf({ room }: Request, { chats }: AiSdkMemory): Chat | undefined {
  return room === undefined ? undefined : chats.get(room)
}

function isAtWork({ tools }: Timeline, call: string): boolean {
  const tool = tools.get(call)
  return tool !== undefined && !isToolOver(tool)
}
