// The door of the AI SDK dialect: what a client's frame asks for, or what is wrong with it.
import type { Misread } from '../command.ts'
import { invalid, isFields, readJson } from '../parse.ts'
import { areSaid, type Said } from './ai-sdk-shapes.ts'

export interface SendFrame {
  readonly type: 'send'
  readonly requestId: string
  /** The chat. */
  readonly id: string
  readonly trigger: 'submit-message' | 'regenerate-message'
  readonly messageId: string | undefined
  readonly messages: readonly Said[]
}

export interface ResumeFrame {
  readonly type: 'resume'
  readonly requestId: string
  readonly id: string
}

export interface AbortFrame {
  readonly type: 'abort'
  readonly requestId: string
}

export type ChatFrame = SendFrame | ResumeFrame | AbortFrame

type Fields = { readonly [field: string]: unknown }

/** Ids that are longer are nobody's, and would have to be remembered. */
const MAX_ID = 512

export function readChatFrame(text: string): ChatFrame | Misread {
  const read = readJson(text)
  return 'problem' in read ? read : chatFrame(read.json)
}

/** What `safeValidateWebSocketChatTransportRequest` of the package `ai` accepts, but for ids without end. */
export function chatFrame(value: unknown): ChatFrame | Misread {
  if (!isFields(value) || typeof value.type !== 'string')
    return { problem: invalid('a frame is a JSON object with a type') }
  const { type, requestId } = value
  if (!isShort(requestId)) return { problem: invalid('requestId must be a short text', 'requestId') }
  if (type === 'abort') return { type, requestId }
  const read = wish(value, requestId)
  return typeof read === 'string' ? { ref: requestId, problem: invalid(read) } : read
}

/** Of a text: what is wrong. */
function wish(value: Fields, requestId: string): SendFrame | ResumeFrame | string {
  const { type, id, headers, body, lastSequence } = value
  if (!isShort(id)) return 'id must be the id of a chat'
  if (!isFields(headers) || !Object.values(headers).every((item) => typeof item === 'string'))
    return 'headers must be an object of texts'
  if (!isFields(body)) return 'body must be an object'
  if (type === 'send') return send(value, requestId, id)
  if (type !== 'resume') return 'type must be send, resume or abort'
  if (lastSequence !== undefined && (!Number.isSafeInteger(lastSequence) || Number(lastSequence) < 0))
    return 'lastSequence must be a number'
  return { type, requestId, id }
}

function send({ trigger, messageId, messages }: Fields, requestId: string, id: string): SendFrame | string {
  if (trigger !== 'submit-message' && trigger !== 'regenerate-message')
    return 'trigger must be submit-message or regenerate-message'
  if (messageId !== undefined && typeof messageId !== 'string') return 'messageId must be a text'
  if (!areSaid(messages)) return 'messages must be a list of UI messages, and not empty'
  return { type: 'send', requestId, id, trigger, messageId, messages }
}

function isShort(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_ID
}
