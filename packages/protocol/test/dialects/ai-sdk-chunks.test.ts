import { readUIMessageStream, safeValidateUIMessages, type UIMessage, type UIMessageChunk } from 'ai'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Chunk } from '../../src/dialects/ai-sdk-chunk.ts'
import { type AnswerPicture, answerOf, nothingTold, tellAnswer } from '../../src/dialects/ai-sdk-chunks.ts'
import { toldBy } from '../../src/dialects/ai-sdk-told.ts'
import type { Fact, Outcome, Part, ToolOutcome } from '../../src/event.ts'
import type { ToolProgress } from '../../src/signal.ts'
import { applyPage, emptyTimeline } from '../../src/timeline.ts'
import { alice, event, guide, lobby, page } from '../facts.ts'

const run = 'r1'
const message = 'm1'

/** The answer as it looks after some facts of it. */
function picture(facts: readonly Fact[], progress: readonly ToolProgress[] = []): AnswerPicture {
  const opening: Fact[] = [
    { type: 'run.started', run, cause: 'alice/q1', node: 'n1' },
    { type: 'message.opened', message, run },
  ]
  const events = [...opening, ...facts].map((fact, index) =>
    event(index + 1, fact.type === 'approval.given' ? { id: 'system', kind: 'system' } : guide, fact),
  )
  const answer = answerOf(
    applyPage(emptyTimeline(lobby), page(events)),
    run,
    new Map(progress.map((one) => [one.call, one])),
  )
  if (answer === undefined) throw new Error('there is no answer')
  return answer
}

function types(chunks: readonly Chunk[]): string[] {
  return chunks.map(({ type }) => type)
}

/** How a client of the AI SDK has it, that had `before`. */
async function seen(chunks: readonly Chunk[], before?: UIMessage): Promise<UIMessage> {
  const stream = new ReadableStream<UIMessageChunk>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    },
  })
  const had: UIMessage = before === undefined ? { id: 'none', role: 'assistant', parts: [] } : structuredClone(before)
  let last: UIMessage = had
  for await (const shown of readUIMessageStream({ stream, message: had, terminateOnError: false, onError: () => {} }))
    last = shown
  return structuredClone(last)
}

const grew = (part: number, from: number, text: string, kind: 'text' | 'reasoning' = 'text'): Fact => ({
  type: 'message.grew',
  message,
  part,
  kind,
  from,
  text,
})
const called = (part: number, call: string, more: object = { input: { q: 1 } }): Fact => ({
  type: 'tool.called',
  run,
  message,
  part,
  call,
  name: 'look',
  ...more,
})
const ends = (parts: readonly Part[], outcome: Outcome = 'completed'): Fact[] => [
  { type: 'message.closed', message, parts, outcome },
  { type: 'run.ended', run, outcome },
]
const text = (words: string): Part => ({ type: 'text', text: words })
const tool = (call: string): Part => ({ type: 'tool', call })

test('[X1] an answer begins with its message’s own id, and ends in a way that says how', () => {
  const whole = tellAnswer(nothingTold, picture([grew(0, 0, 'hello'), ...ends([text('hello')])]))
  expect(whole.chunks).toEqual([
    { type: 'start', messageId: 'm1' },
    { type: 'start-step' },
    { type: 'text-start', id: '0' },
    { type: 'text-delta', id: '0', delta: 'hello' },
    { type: 'text-end', id: '0' },
    { type: 'finish-step' },
    { type: 'finish', finishReason: 'stop' },
  ])
  expect(tellAnswer(whole.told, picture([grew(0, 0, 'hello')])).chunks).toEqual([])
  const last = (outcome: Outcome) => tellAnswer(nothingTold, picture(ends([], outcome))).chunks.at(-1)
  expect(last('cancelled')).toMatchObject({ type: 'abort' })
  for (const outcome of ['failed', 'timed_out', 'interrupted'] as const)
    expect(last(outcome)).toMatchObject({ type: 'error', errorText: expect.any(String) })
})

test('[X1] only what is new is told', () => {
  const first = tellAnswer(nothingTold, picture([grew(0, 0, 'one ')]))
  expect(first.told.done).toBe(false)
  expect(tellAnswer(first.told, picture([grew(0, 0, 'one ')])).chunks).toEqual([])
  const second = tellAnswer(first.told, picture([grew(0, 0, 'one '), grew(0, 4, 'two')]))
  expect(second.chunks).toEqual([{ type: 'text-delta', id: '0', delta: 'two' }])
  const third = tellAnswer(second.told, picture([grew(0, 0, 'one two'), grew(1, 0, 'hm', 'reasoning')]))
  expect(types(third.chunks)).toEqual(['text-end', 'reasoning-start', 'reasoning-delta'])
})

test('[X8] a step is what is said up to the ends of its tools', () => {
  const ended: Fact = { type: 'tool.ended', run, call: 'c1', outcome: 'ok', output: 7 }
  const { chunks } = tellAnswer(
    nothingTold,
    picture([grew(0, 0, 'look'), called(1, 'c1'), called(2, 'c2'), ended, { ...ended, call: 'c2' }, grew(3, 0, 'so')]),
  )
  expect(types(chunks).filter((type) => /step|start|available/u.test(type))).toEqual([
    'start',
    'start-step',
    'text-start',
    'tool-input-available',
    'tool-output-available',
    'tool-input-available',
    'tool-output-available',
    'finish-step',
    'start-step',
    'text-start',
  ])
})

test('[X8] an input is told as it is written, and what a tool prints and how far it is in place of an output', () => {
  const writing = [
    called(0, 'c1', { title: 'Look' }),
    { type: 'tool.grew', run, call: 'c1', kind: 'input', from: 0, text: '{"q":' },
  ] as const
  const names = { toolCallId: 'c1', toolName: 'look', title: 'Look', dynamic: true, providerExecuted: true }
  const first = tellAnswer(nothingTold, picture(writing))
  expect(first.chunks.slice(2)).toEqual([
    { type: 'tool-input-start', ...names },
    { type: 'tool-input-delta', toolCallId: 'c1', inputTextDelta: '{"q":' },
  ])
  const ready: Fact = { type: 'tool.ready', run, call: 'c1', input: { q: 1 } }
  const printed: Fact = { type: 'tool.grew', run, call: 'c1', kind: 'output', from: 0, text: 'x'.repeat(3_000) }
  const half: ToolProgress = { type: 'tool.progress', run, call: 'c1', fraction: 0.5 }
  const second = tellAnswer(first.told, picture([...writing, ready, printed], [half]))
  expect(second.chunks).toEqual([
    { type: 'tool-input-available', ...names, input: { q: 1 } },
    {
      type: 'tool-output-available',
      toolCallId: 'c1',
      output: { printed: 'x'.repeat(2_000), progress: { fraction: 0.5 } },
      dynamic: true,
      preliminary: true,
    },
  ])
  expect(tellAnswer(second.told, picture([...writing, ready, printed], [half])).chunks).toEqual([])
  const ended: Fact = { type: 'tool.ended', run, call: 'c1', outcome: 'ok', printed: 'all of it' }
  expect(tellAnswer(second.told, picture([...writing, ready, printed, ended])).chunks).toEqual([
    { type: 'tool-output-available', toolCallId: 'c1', output: 'all of it', dynamic: true },
  ])
})

test('[X7] an answer that waits for people alone is finished for now', () => {
  const asked = (call: string): Fact => ({ type: 'approval.asked', run, call, until: 9 })
  const busy = tellAnswer(nothingTold, picture([called(0, 'c1'), called(1, 'c2'), asked('c1')]))
  expect(busy.told.done).toBe(false)
  const both = tellAnswer(busy.told, picture([called(0, 'c1'), called(1, 'c2'), asked('c1'), asked('c2')]))
  expect(both.chunks).toEqual([
    { type: 'tool-approval-request', approvalId: 'c2', toolCallId: 'c2' },
    { type: 'finish-step' },
    { type: 'finish', finishReason: 'tool-calls' },
  ])
  expect(both.told.done).toBe(true)
})

test('[X7] the log’s decision is told where the client knows of none, or of another', async () => {
  const facts: Fact[] = [called(0, 'c1'), { type: 'approval.asked', run, call: 'c1', until: 9 }]
  const had = await seen(tellAnswer(nothingTold, picture(facts)).chunks)
  const given: Fact = { type: 'approval.given', run, call: 'c1', approved: false, reason: 'no', user: alice }
  const after = picture([...facts, given, { type: 'tool.ended', run, call: 'c1', outcome: 'denied' }])
  const claims = (approved: boolean | undefined): UIMessage => {
    const [, part] = had.parts
    if (part?.type !== 'dynamic-tool' || part.state !== 'approval-requested') throw new Error('nothing was asked')
    if (approved === undefined) return had
    return { ...had, parts: [{ ...part, state: 'approval-responded', approval: { ...part.approval, approved } }] }
  }
  for (const [approved, told] of [
    [undefined, ['start', 'tool-approval-response', 'tool-output-denied']],
    [true, ['start', 'tool-approval-response', 'tool-output-denied']],
    [false, ['start', 'tool-output-denied']],
  ] as const) {
    const said = claims(approved)
    const { chunks } = tellAnswer(toldBy(said.parts, after.message), after)
    expect(types(chunks)).toEqual(told)
    expect((await seen(chunks, said)).parts.at(-1)).toMatchObject({
      state: 'output-denied',
      approval: { approved: false },
    })
  }
})

interface Call {
  readonly call: string
  state: 'writing' | 'ready' | 'asking' | 'allowed' | 'denied' | 'over'
  typed: string
  printed: string
}

/** What an agent could do next, chosen by numbers. Each step is one or more facts. */
function written(choices: readonly number[], outcome: Outcome): Fact[] {
  const facts: Fact[] = []
  const parts: Part[] = []
  const calls: Call[] = []
  const tools: ToolOutcome[] = ['ok', 'failed', 'timed_out', 'cancelled', 'skipped']
  for (const choice of choices) {
    const which = Math.floor(choice / 16)
    const one = calls[which % Math.max(1, calls.length)]
    const say = (kind: 'text' | 'reasoning'): void => {
      const last = parts.at(-1)
      const grows = last?.type === kind
      const at = grows ? parts.length - 1 : parts.length
      const piece = ['a', 'word ', '💬', ''][which % 4] ?? ''
      facts.push(grew(at, grows ? last.text.length : 0, piece, kind))
      parts[at] = { type: kind, text: (grows ? last.text : '') + piece }
    }
    const act = choice % 16
    if (act < 4) say('text')
    else if (act === 4) say('reasoning')
    else if (act === 5) {
      const at = parts.findIndex((part) => part.type === 'data')
      const part = which % 2 === 0 && at >= 0 ? at : parts.length
      const content: Part = { type: 'data', name: 'chart', data: { points: which } }
      parts[part] = content
      facts.push({ type: 'message.added', message, part, content })
    } else if (act < 8) {
      const call = `c${calls.length}`
      const state = act === 6 ? 'ready' : 'writing'
      calls.push({ call, state, typed: '', printed: '' })
      facts.push(called(parts.length, call, state === 'ready' ? { input: { q: which } } : {}))
      parts.push(tool(call))
    } else if (one !== undefined && one.state !== 'over') {
      const { call } = one
      if (one.state === 'writing' && act < 10) {
        const piece = '{"q":1}'.slice(one.typed.length, one.typed.length + 3)
        facts.push({ type: 'tool.grew', run, call, kind: 'input', from: one.typed.length, text: piece })
        one.typed += piece
      } else if (one.state === 'writing' && act < 14) {
        facts.push({ type: 'tool.ready', run, call, input: { q: 1 } })
        one.state = 'ready'
      } else if (one.state === 'ready' && act < 11) {
        facts.push({ type: 'approval.asked', run, call, until: 9 })
        one.state = 'asking'
      } else if (one.state === 'asking') {
        const approved = act % 2 === 0
        facts.push({ type: 'approval.given', run, call, approved, ...(act > 12 ? { reason: 'so' } : {}) })
        one.state = approved ? 'allowed' : 'denied'
      } else if (one.state === 'denied') {
        facts.push({ type: 'tool.ended', run, call, outcome: 'denied' })
        one.state = 'over'
      } else if (act < 13 && one.state !== 'writing') {
        facts.push({ type: 'tool.grew', run, call, kind: 'output', from: one.printed.length, text: 'out ' })
        one.printed += 'out '
      } else {
        const how = tools[one.state === 'writing' ? 3 : which % tools.length] ?? 'ok'
        facts.push({ type: 'tool.ended', run, call, outcome: how, ...(how === 'ok' ? { output: { a: which } } : {}) })
        one.state = 'over'
      }
    }
  }
  for (const { call, state } of calls)
    if (state !== 'over') {
      if (state === 'asking') facts.push({ type: 'approval.given', run, call, approved: false })
      facts.push({ type: 'tool.ended', run, call, outcome: state === 'denied' ? 'denied' : 'cancelled' })
    }
  return [...facts, ...ends(parts, outcome)]
}

/**
 * What people see of a message: without steps, with text that is told in two streams as one, and without the input of a call
 * that failed, for of one that was never whole the log keeps nothing.
 */
function shown({ id, parts }: UIMessage): unknown {
  const joined: object[] = []
  for (const part of parts) {
    const last = joined.at(-1)
    if (part.type === 'step-start') continue
    if (
      (part.type === 'text' || part.type === 'reasoning') &&
      last !== undefined &&
      'type' in last &&
      last.type === part.type &&
      'text' in last
    )
      joined[joined.length - 1] = { type: part.type, text: `${last.text}${part.text}` }
    else if (part.type === 'text' || part.type === 'reasoning') joined.push({ type: part.type, text: part.text })
    else joined.push('state' in part && part.state === 'output-error' ? { ...part, input: undefined } : part)
  }
  return JSON.parse(JSON.stringify({ id, joined }))
}

const outcome = fc.constantFrom<Outcome>('completed', 'completed', 'cancelled')
const walk = fc.record({
  choices: fc.array(fc.nat({ max: 255 }), { maxLength: 40 }),
  cuts: fc.array(fc.boolean(), { minLength: 80, maxLength: 80 }),
  outcome,
})

test('[X3, X7] however it was told, in pieces and over several requests, it is the answer that a replay tells', async () => {
  let continued = 0
  await fc.assert(
    fc.asyncProperty(walk, async ({ choices, cuts, outcome }) => {
      const facts = written(choices, outcome)
      let client: UIMessage | undefined
      let told = nothingTold
      let chunks: Chunk[] = []
      for (const [index] of facts.entries()) {
        if (index < facts.length - 1 && cuts[index % cuts.length]) continue
        const now = picture(facts.slice(0, index + 1))
        if (told.done) {
          // The client asks again, with what it has.
          continued += 1
          client = await seen(chunks, client)
          told = toldBy(client.parts, now.message)
          chunks = []
        }
        const next = tellAnswer(told, now)
        told = next.told
        chunks.push(...next.chunks)
      }
      expect(told.done).toBe(true)
      client = await seen(chunks, client)
      const whole = await seen(tellAnswer(nothingTold, picture(facts)).chunks)
      expect(shown(client)).toEqual(shown(whole))
      // And the client can send it back.
      const sent = JSON.parse(JSON.stringify([{ id: 'u', role: 'user', parts: [{ type: 'text', text: '' }] }, client]))
      expect((await safeValidateUIMessages({ messages: sent })).success).toBe(true)
    }),
    { numRuns: 2_000 },
  )
  expect(continued).toBeGreaterThan(50)
}, 60_000)
