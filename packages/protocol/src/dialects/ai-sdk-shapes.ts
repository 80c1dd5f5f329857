// What a UI message of the AI SDK must look like, part by part: accepts what `safeValidateUIMessages` of the package `ai`
// accepts, without waiting and without the package. A test holds the two against each other.
import { isFields } from '../parse.ts'

type Check = (value: unknown) => boolean
type Shape = { readonly [field: string]: Check }

/** JSON deeper than this is refused. */
const MAX_DEPTH = 256

const anything: Check = () => true
const something: Check = (value) => value !== undefined
const nothing: Check = (value) => value === undefined
const text: Check = (value) => typeof value === 'string'
const flag: Check = (value) => typeof value === 'boolean'
const count: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0
const oneOf =
  (...allowed: readonly unknown[]): Check =>
  (value) =>
    allowed.includes(value)
const maybe =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)
const each =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check)
const fields =
  (shape: Shape): Check =>
  (value) =>
    isFields(value) && Object.entries(shape).every(([name, check]) => check(value[name]))
const record =
  (check: Check): Check =>
  (value) =>
    isFields(value) && Object.entries(value).every(([name, item]) => name === '__proto__' || check(item))
/** An object whose `field` says which of the shapes it has. */
const either =
  (field: string, shapes: ReadonlyMap<unknown, Check>): Check =>
  (value) =>
    isFields(value) && shapes.get(value[field])?.(value) === true

function json(value: unknown, depth = MAX_DEPTH): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  if (depth === 0) return false
  return Array.isArray(value)
    ? value.every((item) => json(item, depth - 1))
    : record((item) => json(item, depth - 1))(value)
}

const meta = maybe(record(record((value) => json(value))))
const names = maybe(record(text))

const asked: Shape = {
  id: text,
  descriptor: anything,
  requestReason: maybe(text),
  isAutomatic: maybe(flag),
  signature: maybe(text),
}
const request = fields({ ...asked, approved: nothing, reason: nothing })
const decided = (approved: Check): Check => fields({ ...asked, approved, reason: maybe(text) })
const granted = maybe(decided(oneOf(true)))

const call: Shape = {
  toolCallId: text,
  title: maybe(text),
  toolMetadata: maybe(record((value) => json(value))),
  providerExecuted: maybe(flag),
  callProviderMetadata: meta,
}
const open: Shape = { output: nothing, errorText: nothing }
const over: Shape = { resultProviderMetadata: meta, approval: granted }

const toolStates: ReadonlyMap<string, Shape> = new Map([
  [
    'input-streaming',
    { ...open, rawInput: maybe(text), inputEncoding: maybe(oneOf('json', 'text')), approval: nothing },
  ],
  ['input-available', { ...open, input: something, approval: nothing }],
  ['approval-requested', { ...open, input: something, approval: request }],
  ['approval-responded', { ...open, input: something, approval: decided(flag) }],
  ['output-available', { ...over, input: something, output: something, errorText: nothing, preliminary: maybe(flag) }],
  ['output-error', { ...over, output: nothing, errorText: text }],
  ['output-denied', { ...open, input: something, approval: decided(oneOf(false)) }],
] satisfies [string, Shape][])

function toolPart(more: Shape): Check {
  const states = [...toolStates].map(([state, shape]) => [state, fields({ ...call, ...more, ...shape })] as const)
  return either('state', new Map<unknown, Check>(states))
}

const staticTool = toolPart({})
const dynamicTool = toolPart({ toolName: text, dynamic: maybe(oneOf(false)) })
const dataPart = fields({ id: maybe(text), data: something })

const source: Shape = { id: text, providerMetadata: meta }
const citation = fields({
  source: either(
    'sourceType',
    new Map([
      ['url', fields({ ...source, type: oneOf('source'), url: text, title: maybe(text) })],
      ['document', fields({ ...source, type: oneOf('source'), mediaType: text, title: text, filename: maybe(text) })],
    ]),
  ),
  startIndex: maybe(count),
  endIndex: maybe(count),
  citedText: maybe(text),
})

const file = { mediaType: text, filename: maybe(text), url: text, providerReference: names, providerMetadata: meta }
const state = maybe(oneOf('streaming', 'done'))
const steering = either(
  'type',
  new Map([
    ['text', fields({ text, providerMetadata: meta })],
    ['file', fields(file)],
  ]),
)

const staticParts: ReadonlyMap<unknown, Check> = new Map([
  ['text', fields({ text, citations: maybe(each(citation)), state, providerMetadata: meta })],
  ['reasoning', fields({ id: maybe(text), text, state, providerMetadata: meta })],
  ['custom', fields({ kind: text, providerMetadata: meta })],
  ['source-url', fields({ sourceId: text, url: text, title: maybe(text), providerMetadata: meta })],
  [
    'source-document',
    fields({ sourceId: text, mediaType: text, title: text, filename: maybe(text), providerMetadata: meta }),
  ],
  ['file', fields(file)],
  ['reasoning-file', fields({ mediaType: text, url: text, providerMetadata: meta })],
  ['steering-message', fields({ id: text, parts: each(steering) })],
  ['step-start', fields({})],
])
const staticPart = either('type', staticParts)

const part: Check = (value) => {
  const type = isFields(value) ? value.type : undefined
  if (typeof type !== 'string') return false
  if (type.startsWith('data-')) return dataPart(value)
  if (type.startsWith('tool-')) return staticTool(value)
  return type === 'dynamic-tool' ? dynamicTool(value) : staticPart(value)
}

const message = fields({ id: text, role: oneOf('system', 'user', 'assistant'), parts: each(part) })

/** A piece of a message, as far as it is looked at here. */
export interface SaidPart {
  readonly type: string
  readonly [field: string]: unknown
}

/** A message as a client has it. */
export interface Said {
  readonly id: string
  readonly role: 'system' | 'user' | 'assistant'
  readonly metadata?: unknown
  readonly parts: readonly SaidPart[]
}

function isSaid(value: unknown): value is Said {
  if (!message(value) || !isFields(value) || !Array.isArray(value.parts)) return false
  return value.role === 'assistant' || value.parts.length > 0
}

/** Whether these are the messages of a chat: at least one. */
export function areSaid(value: unknown): value is readonly Said[] {
  return Array.isArray(value) && value.length > 0 && value.every(isSaid)
}
