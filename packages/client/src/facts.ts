// What a fact must look like, so that the fold of a room can trust it.
import { type Attachment, type Author, type Fact, isFields, type Part, type Task } from '@parley/protocol'

type Fields = { readonly [key: string]: unknown }

const outcomes: ReadonlySet<unknown> = new Set(['completed', 'cancelled', 'failed', 'timed_out', 'interrupted'])
const changes: ReadonlySet<unknown> = new Set(['created', 'updated', 'assigned'])
const toolOutcomes: ReadonlySet<unknown> = new Set(['ok', 'failed', 'timed_out', 'cancelled', 'denied', 'skipped'])

const shapes: { readonly [type in Fact['type']]: (fact: Fields) => boolean } = {
  'message.posted': ({ parts, supersedes, replyTo, mentions }) =>
    areParts(parts) && mayBeText(supersedes) && mayBeText(replyTo) && mayBeTexts(mentions),
  'message.edited': ({ message, parts }) => isText(message) && areParts(parts),
  'message.redacted': ({ message, reason }) => isText(message) && mayBeText(reason),
  'message.reacted': ({ message, reaction, on }) => isText(message) && isText(reaction) && typeof on === 'boolean',
  'task.set': ({ task, change }) => isTask(task) && changes.has(change),
  'message.opened': ({ message, run }) => isText(message) && mayBeText(run),
  'message.grew': ({ message, part, kind, from, text }) =>
    isText(message) && isIndex(part) && (kind === 'text' || kind === 'reasoning') && isIndex(from) && isText(text),
  'message.added': ({ message, part, content }) => isText(message) && isIndex(part) && isPart(content),
  'message.closed': ({ message, parts, outcome, failure }) =>
    isText(message) && areParts(parts) && outcomes.has(outcome) && mayFail(failure),
  'run.started': ({ run, cause, supersedes }) => isText(run) && isText(cause) && mayBeText(supersedes),
  'run.resumed': ({ run, node }) => isText(run) && isText(node),
  'run.steered': ({ run, cause }) => isText(run) && isText(cause),
  'run.cancelling': ({ run }) => isText(run),
  'run.ended': ({ run, outcome, failure, usage }) =>
    isText(run) && outcomes.has(outcome) && mayFail(failure) && mayBeUsage(usage),
  'tool.called': ({ run, message, part, call, name, title }) =>
    [run, message, call, name].every(isText) && isIndex(part) && mayBeText(title),
  'tool.grew': (fact) =>
    isOfCall(fact) && (fact.kind === 'input' || fact.kind === 'output') && isIndex(fact.from) && isText(fact.text),
  'tool.ready': (fact) => isOfCall(fact) && fact.input !== undefined,
  'approval.asked': (fact) => isOfCall(fact) && typeof fact.until === 'number',
  'approval.given': (fact) =>
    isOfCall(fact) &&
    typeof fact.approved === 'boolean' &&
    mayBeText(fact.reason) &&
    (fact.user === undefined || isAuthor(fact.user)),
  'tool.started': isOfCall,
  'tool.cancelling': isOfCall,
  'tool.ended': (fact) =>
    isOfCall(fact) && toolOutcomes.has(fact.outcome) && mayFail(fact.failure) && mayBeText(fact.printed),
}

const known = new Map<string, (fact: Fields) => boolean>(Object.entries(shapes))

/** Whether a fact of this type can be folded; others are of a later version. */
export function isKnown(type: string): boolean {
  return known.has(type)
}

/** Whether it is a fact as far as that can be told: of those of a later version only the type is known. */
export function isFact(value: unknown): boolean {
  if (!isFields(value) || typeof value.type !== 'string') return false
  return known.get(value.type)?.(value) ?? true
}

export function isAuthor(value: unknown): value is Author {
  if (!isFields(value) || !isText(value.id) || !mayBeText(value.name)) return false
  return value.kind === 'user' || value.kind === 'agent' || value.kind === 'system'
}

export function isTask(value: unknown): value is Task {
  if (!isFields(value)) return false
  const { id, title, status, progress, priority, assignee, metadata } = value
  if (![id, title, status].every(isText) || !mayBeText(assignee)) return false
  return Number.isFinite(progress) && isIndex(priority) && (metadata === undefined || isFields(metadata))
}

function isOfCall({ run, call }: Fields): boolean {
  return isText(run) && isText(call)
}

export function isAttachment(value: unknown): value is Attachment {
  if (!isFields(value)) return false
  const { id, name, mediaType, size, sha256, width, height, durationMs, peaks } = value
  if (![id, name, mediaType, sha256].every(isText) || !isIndex(size)) return false
  if (![width, height, durationMs].every((number) => number === undefined || isIndex(number))) return false
  return peaks === undefined || (Array.isArray(peaks) && peaks.every(isIndex))
}

export function areParts(value: unknown): value is readonly Part[] {
  return Array.isArray(value) && value.every(isPart)
}

/** Parts of a later version keep their place, for growth names parts by their index. */
function isPart(value: unknown): boolean {
  if (!isFields(value)) return false
  switch (value.type) {
    case 'text':
    case 'reasoning':
      return isText(value.text)
    case 'tool':
      return isText(value.call)
    case 'data':
      return isText(value.name) && value.data !== undefined
    case 'image':
    case 'audio':
    case 'file':
      return isAttachment(value.attachment)
    default:
      return isText(value.type)
  }
}

function mayFail(value: unknown): boolean {
  return value === undefined || (isFields(value) && isText(value.code) && isText(value.message))
}

function mayBeUsage(value: unknown): boolean {
  if (value === undefined) return true
  return isFields(value) && mayBeText(value.model) && isIndex(value.inputTokens) && isIndex(value.outputTokens)
}

function mayBeText(value: unknown): boolean {
  return value === undefined || isText(value)
}

function mayBeTexts(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.every(isText))
}

export function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isIndex(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
