// What somebody wants of a chat, and what has to be done for that as its room looks. Pure: the wire and the hook share it.
import type { Approve, Post, Regenerate } from '../command.ts'
import { messageKey } from '../event.ts'
import { fileNameOf, invalid, isFields, isMeta, isParts, userParts } from '../parse.ts'
import { type Problem, problem } from '../problem.ts'
import type { Run, Timeline, Tool } from '../timeline.ts'
import type { RunId } from '../words.ts'
import { nothingTold, type Told } from './ai-sdk-chunks.ts'
import { chatMessageId } from './ai-sdk-room.ts'
import type { Said, SaidPart } from './ai-sdk-shapes.ts'
import { toldBy } from './ai-sdk-told.ts'
import { idOfFile } from './file-url.ts'

/** What is sent along each time. The history in `messages` is not believed: the room knows its own. */
export interface ChatSend {
  readonly trigger: 'submit-message' | 'regenerate-message'
  /** The answer to give anew, the message that was edited, or the answer whose tools were decided about. */
  readonly messageId: string | undefined
  readonly messages: readonly Said[]
}

export type Wish =
  | { readonly type: 'say'; readonly message: Said; readonly edited: boolean }
  /** Decisions about the tools of an answer. */
  | { readonly type: 'decide'; readonly message: Said }
  | { readonly type: 'again'; readonly answer: string | undefined; readonly question: Said | undefined }
  /** The answer that is being written. */
  | { readonly type: 'hear' }

export interface Deed {
  readonly asks: readonly (Post | Approve | Regenerate)[]
  /** The run whose answer is wanted, where it is known already; else the answers of `asks` name it. */
  readonly follows?: { readonly run: RunId; readonly told: Told }
}

/** Only what is needed later is kept of what was sent. */
export function wishOf({ trigger, messageId, messages }: ChatSend): Wish | Problem {
  const named = messageId === undefined ? undefined : messages.findLast(({ id }) => id === messageId)
  const question = messages.findLast(({ role }) => role === 'user')
  if (trigger === 'regenerate-message') return { type: 'again', answer: messageId, question }
  const message = named ?? messages.at(-1)
  if (message?.role === 'user') return { type: 'say', message, edited: named !== undefined }
  if (message?.role === 'assistant' && message.parts.some(isDecided)) return { type: 'decide', message }
  return invalid('the last message must be a user’s, or an answer with a decision about a tool', 'messages')
}

/**
 * @param picture of the chat's room
 * @param fresh an id for what has none of its own
 */
export function deedOf(wish: Wish, picture: Timeline, actor: string, fresh: string): Deed | Problem {
  switch (wish.type) {
    case 'hear': {
      const run = [...picture.runs.values()].find((one) => isGoing(one) && !picture.superseded.has(one.id))
      return run === undefined ? { asks: [] } : { asks: [], follows: { run: run.id, told: nothingTold } }
    }
    case 'say':
      return say(wish.message, wish.edited, picture, actor, fresh)
    case 'decide':
      return decide(wish.message, picture)
    case 'again':
      return again(wish, picture, actor, fresh)
  }
}

function say(said: Said, edited: boolean, picture: Timeline, actor: string, fresh: string): Deed | Problem {
  const parts = userParts(said.parts.flatMap(partOf))
  if (!isParts(parts)) return parts
  const { room } = picture
  const id = chatMessageId(said.id)
  const meta = isMeta(said.metadata) ? { meta: said.metadata } : {}
  const was = latest(picture, messageKey(actor, id))
  const isKnown = picture.messages.some(({ key }) => key === was)
  if (edited && (isKnown || picture.earlier)) {
    const supersedes = was.slice(actor.length + 1)
    return { asks: [{ type: 'post', room, id: fresh, parts, ...meta, supersedes }] }
  }
  const run = answering(picture, was)
  // Sent once more, after its connection was lost: the answer is there, or on its way.
  if (run !== undefined) return { asks: [], follows: { run: run.id, told: nothingTold } }
  return { asks: [{ type: 'post', room, id, parts, ...meta }] }
}

function decide({ parts }: Said, picture: Timeline): Deed | Problem {
  const decisions = parts.filter(isDecided).flatMap(({ toolCallId, approval }) => {
    const tool = typeof toolCallId === 'string' ? picture.tools.get(toolCallId) : undefined
    return tool === undefined || !isFields(approval) ? [] : [{ tool, approval }]
  })
  const run = decisions[0]?.tool.run
  const answer = picture.messages.findLast((one) => one.run === run)
  if (run === undefined || answer === undefined)
    return problem('approval.over', 'nothing waits for this decision here any more')
  const { room } = picture
  const waiting = decisions.filter(({ tool }) => tool.state === 'asking')
  return {
    asks: waiting.map(({ tool, approval }) => ({
      type: 'approve',
      room,
      run: tool.run,
      ...decisionOf(tool, approval),
    })),
    follows: { run, told: toldBy(parts, answer) },
  }
}

function decisionOf({ call }: Tool, { approved, reason }: { readonly [field: string]: unknown }) {
  const why = typeof reason === 'string' && reason !== '' ? { reason: reason.slice(0, 2000) } : {}
  return { call, approved: approved === true, ...why }
}

function again(
  { answer, question }: Wish & { type: 'again' },
  picture: Timeline,
  actor: string,
  fresh: string,
): Deed | Problem {
  const { room } = picture
  const named = picture.messages.findLast(({ id, run }) => id === answer && run !== undefined)?.run
  const asked = question === undefined ? undefined : latest(picture, messageKey(actor, chatMessageId(question.id)))
  const run = named ?? (asked === undefined ? undefined : answering(picture, asked)?.id)
  if (run !== undefined) return { asks: [{ type: 'regenerate', room, run, id: fresh }] }
  // It never arrived.
  if (question !== undefined && !picture.messages.some(({ key }) => key === asked))
    return say(question, false, picture, actor, fresh)
  return problem('message.unknown', 'there is no such answer, or it is too long ago to be given anew here')
}

/** The newest version of a message. */
function latest({ superseded }: Timeline, key: string): string {
  let newest = key
  for (let by = superseded.get(newest); by !== undefined; by = superseded.get(newest)) newest = by
  return newest
}

/** The run that answers the message now. */
function answering({ runs }: Timeline, cause: string): Run | undefined {
  return [...runs.values()].findLast((run) => run.cause === cause)
}

export function isGoing({ state }: Run): boolean {
  return state === 'running' || state === 'cancelling'
}

function isDecided({ state }: SaidPart): boolean {
  return state === 'approval-responded'
}

/** What is text, data or a file; the rest is not a user's to say. */
function partOf(part: SaidPart): object[] {
  const { type, text, data } = part
  if (type === 'text' && typeof text === 'string') return [{ type: 'text', text }]
  if (type.startsWith('data-')) return [{ type: 'data', name: type.slice('data-'.length), data }]
  return type === 'file' ? fileOf(part) : []
}

const DATA_URL = /^data:[^,]*;base64,(.*)$/su

/** A file of one's own is named by its URL, or comes as data. One that lies elsewhere stays there: it is told as it is. */
function fileOf({ mediaType, url, filename }: SaidPart): object[] {
  if (typeof mediaType !== 'string' || typeof url !== 'string') return []
  const [kind] = mediaType.split('/')
  const type = kind === 'image' || kind === 'audio' ? kind : 'file'
  const id = idOfFile(url)
  if (id !== undefined) return [{ type, attachment: { id } }]
  const base64 = DATA_URL.exec(url)?.[1]
  const name = typeof filename === 'string' ? fileNameOf(filename) : type
  if (base64 !== undefined) return [{ type, name, base64 }]
  return [{ type: 'data', name: type === 'image' ? type : 'file', data: { mediaType, url, filename: name } }]
}
