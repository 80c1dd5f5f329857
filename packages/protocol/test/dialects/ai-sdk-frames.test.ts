import { safeValidateWebSocketChatTransportRequest } from 'ai'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chatFrame, readChatFrame } from '../../src/dialects/ai-sdk-frames.ts'

async function real(value: unknown): Promise<boolean> {
  return (await safeValidateWebSocketChatTransportRequest({ value })).success
}

function mine(value: unknown): boolean {
  return !('problem' in chatFrame(value))
}

const text = fc.constantFrom('', 'a', 'tool-x', 'dynamic-tool', 'source')
const wrong = fc.constantFrom<unknown>(null, 0, -1, 1.5, '', true, [], {}, { a: { b: 1 } }, 'x')
const json = fc.jsonValue({ maxDepth: 3 })
/** Mostly what it should be, now and then something else, or nothing. */
const mostly = (good: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 30, arbitrary: good }, { weight: 1, arbitrary: wrong })
const fields = (needed: Record<string, fc.Arbitrary<unknown>>, more: Record<string, fc.Arbitrary<unknown>> = {}) =>
  fc
    .record(Object.fromEntries(Object.entries({ ...needed, ...more }).map(([name, good]) => [name, mostly(good)])), {
      requiredKeys: [],
    })
    .chain((some) =>
      fc
        .record(Object.fromEntries(Object.entries(needed).map(([name, good]) => [name, mostly(good)])))
        .map((all) => ({ ...some, ...all })),
    )

const meta = fc.oneof(
  fc.dictionary(fc.string(), fc.dictionary(fc.string(), json)),
  fc.constant(JSON.parse('{"a":{"__proto__":1},"__proto__":2}')),
)
const flag = fc.boolean()
const asked = {
  descriptor: json,
  requestReason: text,
  isAutomatic: flag,
  signature: text,
  inputSchemaInput: json,
}
const approval = fields({ id: text }, { ...asked, approved: flag, reason: text })
const states = fc.constantFrom(
  'input-streaming',
  'input-available',
  'approval-requested',
  'approval-responded',
  'output-available',
  'output-error',
  'output-denied',
  'nonsense',
)
const toolMore = {
  title: text,
  input: json,
  rawInput: text,
  inputEncoding: fc.constantFrom('json', 'text', 'other'),
  providerExecuted: flag,
  output: json,
  errorText: text,
  preliminary: flag,
  approval,
  toolName: text,
  dynamic: flag,
  callProviderMetadata: meta,
  resultProviderMetadata: meta,
  toolMetadata: fc.dictionary(fc.string(), json),
}
const tool = fields(
  { type: fc.constantFrom('tool-x', 'tool-', 'dynamic-tool'), toolCallId: text, state: states },
  toolMore,
)
const wellMadeTool = fc.oneof(
  ...(
    [
      ['input-streaming', {}, { rawInput: text, inputEncoding: fc.constantFrom('json', 'text') }],
      ['input-available', { input: json }, {}],
      ['approval-requested', { input: json, approval: fields({ id: text }, asked) }, {}],
      ['approval-responded', { input: json, approval: fields({ id: text, approved: flag }, { reason: text }) }, {}],
      [
        'output-available',
        { input: json, output: json },
        { preliminary: flag, resultProviderMetadata: meta, approval },
      ],
      ['output-error', { input: json, errorText: text }, { rawInput: json, approval }],
      ['output-denied', { input: json, approval: fields({ id: text, approved: fc.constant(false) }) }, {}],
    ] as const
  ).map(([state, needed, more]) =>
    fields(
      {
        type: fc.constantFrom('tool-x', 'dynamic-tool'),
        toolName: text,
        toolCallId: text,
        state: fc.constant(state),
        ...needed,
      },
      { title: text, providerExecuted: flag, callProviderMetadata: meta, ...more },
    ),
  ),
)
const citation = fields(
  {
    source: fields(
      {
        type: fc.constant('source'),
        sourceType: fc.constantFrom('url', 'document', 'other'),
        id: text,
        url: text,
        mediaType: text,
        title: text,
      },
      { filename: text, providerMetadata: meta },
    ),
  },
  { startIndex: fc.nat(), endIndex: fc.nat(), citedText: text },
)
const file = fields(
  { type: fc.constant('file'), mediaType: text, url: text },
  { filename: text, providerReference: fc.dictionary(fc.string(), text), providerMetadata: meta },
)
const part: fc.Arbitrary<unknown> = fc.oneof(
  fields(
    { type: fc.constant('text'), text },
    {
      state: fc.constantFrom('streaming', 'done'),
      citations: fc.array(citation, { maxLength: 2 }),
      providerMetadata: meta,
    },
  ),
  fields({ type: fc.constant('reasoning'), text }, { id: text, state: fc.constant('done'), providerMetadata: meta }),
  fields({ type: fc.constant('custom'), kind: text }, { providerMetadata: meta }),
  fields({ type: fc.constant('source-url'), sourceId: text, url: text }, { title: text, providerMetadata: meta }),
  fields({ type: fc.constant('source-document'), sourceId: text, mediaType: text, title: text }, { filename: text }),
  file,
  fields({ type: fc.constant('reasoning-file'), mediaType: text, url: text }, { providerMetadata: meta }),
  fields({
    type: fc.constant('steering-message'),
    id: text,
    parts: fc.array(fc.oneof(file, fields({ type: fc.constant('text'), text })), { maxLength: 2 }),
  }),
  fc.constant({ type: 'step-start' }),
  fields({ type: fc.constantFrom('data-', 'data-chart') }, { id: text, data: json }),
  tool,
  wellMadeTool,
  wellMadeTool,
)
const message = fields(
  { id: text, role: fc.constantFrom('system', 'user', 'assistant'), parts: fc.array(part, { maxLength: 3 }) },
  { metadata: json },
)
const common = { requestId: text, id: text, headers: fc.dictionary(text, text), body: fc.dictionary(text, json) }
const frame = fc.oneof(
  {
    weight: 6,
    arbitrary: fields(
      {
        ...common,
        type: fc.constant('send'),
        trigger: fc.constantFrom('submit-message', 'regenerate-message'),
        messages: fc.array(message, { minLength: 1, maxLength: 3 }),
      },
      { messageId: text, metadata: json },
    ),
  },
  {
    weight: 2,
    arbitrary: fields({ ...common, type: fc.constant('resume') }, { lastSequence: fc.nat(), metadata: json }),
  },
  { weight: 1, arbitrary: fields({ type: fc.constant('abort'), requestId: text }) },
  { weight: 1, arbitrary: json },
)

test('[X11] the door lets in what the AI SDK’s own guard lets in, and nothing else', async () => {
  let accepted = 0
  let refused = 0
  await fc.assert(
    fc.asyncProperty(frame, async (made) => {
      // As it comes off the wire.
      const value: unknown = JSON.parse(JSON.stringify(made))
      const verdict = await real(value)
      if (verdict) accepted += 1
      else refused += 1
      expect(mine(value), JSON.stringify(value)).toBe(verdict)
    }),
    { numRuns: 2_000 },
  )
  expect(Math.min(accepted, refused)).toBeGreaterThan(200)
}, 60_000)

test('[X11] each kind of part passes where all of it is well', async () => {
  const parts = [
    { type: 'text', text: '', state: 'done' },
    { type: 'dynamic-tool', toolName: 't', toolCallId: 'c', state: 'input-streaming' },
    { type: 'tool-t', toolCallId: 'c', state: 'approval-responded', input: 1, approval: { id: 'c', approved: false } },
    { type: 'tool-t', toolCallId: 'c', state: 'output-error', errorText: 'no' },
    { type: 'data-x', data: 1 },
  ]
  const send = { type: 'send', requestId: 'r', id: 'c', trigger: 'submit-message', headers: {}, body: {} }
  const value = { ...send, messages: [{ id: 'm', role: 'user', parts }] }
  expect([mine(value), await real(value)]).toEqual([true, true])
})

test('[X11] what is wrong is told about the request, where that can be read', () => {
  expect(readChatFrame('{')).toMatchObject({ problem: { code: 'message.invalid' } })
  expect(readChatFrame('{"type":"send","requestId":"r"}')).toMatchObject({ ref: 'r' })
  expect(readChatFrame('{"type":"abort"}')).not.toHaveProperty('ref')
})

test('[X11] neither ids without end nor JSON without ground get through', () => {
  expect(mine({ type: 'abort', requestId: 'x'.repeat(513) })).toBe(false)
  const deep = JSON.parse(`${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`)
  const part = { type: 'text', text: '', providerMetadata: { a: deep } }
  const send = { type: 'send', requestId: 'r', id: 'c', trigger: 'submit-message', headers: {}, body: {} }
  expect(mine({ ...send, messages: [{ id: 'm', role: 'user', parts: [part] }] })).toBe(false)
})
