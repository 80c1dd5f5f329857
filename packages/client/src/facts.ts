// What a fact must look like, so that the fold of a room can trust it.
import { type Fact, isFields } from '@parley/protocol'

type Fields = { readonly [key: string]: unknown }

const outcomes: ReadonlySet<unknown> = new Set(['completed', 'cancelled', 'failed', 'timed_out', 'interrupted'])
const toolOutcomes: ReadonlySet<unknown> = new Set(['ok', 'failed', 'timed_out', 'cancelled', 'denied', 'skipped'])

const shapes: { readonly [type in Fact['type']]: (fact: Fields) => boolean } = {
  'message.posted': ({ parts }) => areParts(parts),
  'message.opened': ({ message, run }) => isText(message) && (run === undefined || isText(run)),
  'message.grew': ({ message, part, kind, from, text }) =>
    isText(message) && isIndex(part) && (kind === 'text' || kind === 'reasoning') && isIndex(from) && isText(text),
  'message.closed': ({ message, parts, outcome, failure }) =>
    isText(message) && areParts(parts) && outcomes.has(outcome) && mayFail(failure),
  'run.started': ({ run, cause }) => isText(run) && isText(cause),
  'run.cancelling': ({ run }) => isText(run),
  'run.ended': ({ run, outcome, failure }) => isText(run) && outcomes.has(outcome) && mayFail(failure),
  'tool.called': ({ run, message, part, call, name, title, input }) =>
    [run, message, call, name].every(isText) &&
    isIndex(part) &&
    (title === undefined || isText(title)) &&
    input !== undefined,
  'tool.ended': ({ run, call, outcome, failure }) =>
    isText(run) && isText(call) && toolOutcomes.has(outcome) && mayFail(failure),
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

function areParts(value: unknown): boolean {
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
    default:
      return isText(value.type)
  }
}

function mayFail(value: unknown): boolean {
  return value === undefined || (isFields(value) && isText(value.code) && isText(value.message))
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isIndex(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
