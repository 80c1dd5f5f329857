// Logs to test with: events by hand, and any log at all as an arbitrary.
import fc from 'fast-check'
import { type Event, type Fact, isGrowth, type Outcome, type Part } from '../src/event.ts'
import type { Page } from '../src/page.ts'
import { type Author, type RoomId, roomId } from '../src/words.ts'

export const lobby = room('lobby')
export const alice: Author = { id: 'alice', kind: 'user', name: 'Alice' }
export const bob: Author = { id: 'bob', kind: 'user' }
export const guide: Author = { id: 'guide', kind: 'agent', name: 'guide' }

export function room(name: string): RoomId {
  const id = roomId(name)
  if (id === undefined) throw new Error(`${name} is no room id`)
  return id
}

export function text(words: string): Part {
  return { type: 'text', text: words }
}

export function event(seq: number, by: Author, fact: Fact, id?: string): Event {
  return { seq, at: 1_000 + seq, by, ...(id === undefined ? {} : { id }), fact }
}

/** A page of (after, upTo], which ends with its last event unless said otherwise. */
export function page(events: readonly Event[], more: Partial<Page> = {}): Page {
  return { room: lobby, epoch: 'e1', after: 0, upTo: events.at(-1)?.seq ?? 0, events, ...more }
}

/** An answer of the guide as it streams: `m1` in `r1`, for alice's `q1`. Each piece is one event. */
export function streamed(first: number, ...pieces: readonly string[]): Event[] {
  const opening: Fact[] = [
    { type: 'run.started', run: 'r1', cause: 'alice/q1', node: 'n1' },
    { type: 'message.opened', message: 'm1', run: 'r1' },
  ]
  let from = 0
  const growth = pieces.map((piece): Fact => {
    from += piece.length
    return { type: 'message.grew', message: 'm1', part: 0, kind: 'text', from: from - piece.length, text: piece }
  })
  return [...opening, ...growth].map((fact, index) => event(first + index, guide, fact))
}

export function closed(seq: number, words: string, outcome: Outcome = 'completed'): Event {
  return event(seq, guide, { type: 'message.closed', message: 'm1', parts: [text(words)], outcome })
}

/** A log that could be: its events without any gap, and the seqs at which no span was open. */
export interface AnyLog {
  readonly events: readonly Event[]
  readonly calm: readonly number[]
}

interface OpenCall {
  readonly call: string
  input: string | undefined
  printed: string
  asked: boolean
}

interface Open {
  readonly by: Author
  readonly message: string
  readonly run: string
  parts: Part[]
  calls: OpenCall[]
}

type Act =
  | { readonly do: 'post'; readonly by: Author; readonly id: string; readonly said: string; readonly better: boolean }
  | {
      readonly do: 'open'
      readonly by: Author
      readonly message: string
      readonly cause: string
      readonly anew: boolean
    }
  | { readonly do: 'grow'; readonly which: number; readonly kind: 'text' | 'reasoning'; readonly said: string }
  | { readonly do: 'add'; readonly which: number; readonly part: number }
  | { readonly do: 'call'; readonly which: number; readonly writing: boolean }
  | { readonly do: 'use'; readonly which: number; readonly call: number; readonly said: string }
  | { readonly do: 'ask' | 'decide' | 'stop' | 'end'; readonly which: number; readonly call: number }
  | { readonly do: 'cancel' | 'steer' | 'resume'; readonly which: number }
  | { readonly do: 'close'; readonly which: number; readonly outcome: Outcome }
  | { readonly do: 'rethink'; readonly of: number; readonly how: 'edit' | 'redact' | 'react' | 'unreact' }
  | { readonly do: 'task'; readonly task: string; readonly status: string }

const agents: readonly Author[] = [guide, { id: 'claude', kind: 'agent', name: 'claude' }]
/** Pieces that are easily broken: none, halves of a character, line separators. */
const piece = fc.constantFrom('', 'a', 'word ', '\n', 'é', '💬', '\ud83d', '\udcac', '\u2028', '<b>')
const which = fc.nat({ max: 3 })

const rethinking = fc.constantFrom('edit' as const, 'redact' as const, 'react' as const, 'unreact' as const)
const status = fc.constantFrom('open', 'blocked', 'done')

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: posting() },
  // Ids are scoped to their authors, so two agents may well use the same.
  { weight: 2, arbitrary: opening() },
  { weight: 8, arbitrary: growing() },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('add' as const), which, part: which }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('call' as const), which, writing: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('use' as const), which, call: which, said: piece }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('ask', 'decide', 'stop', 'end'), which, call: which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('cancel', 'steer', 'resume'), which }) },
  { weight: 2, arbitrary: closing() },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('rethink' as const), of: fc.nat(), how: rethinking }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('task' as const), task: fc.constantFrom('t1', 't2'), status }) },
)

function posting(): fc.Arbitrary<Act> {
  const id = fc.constantFrom('1', '2', '3')
  const by = fc.constantFrom(alice, bob)
  return fc.record({ do: fc.constant('post' as const), by, id, said: piece, better: fc.boolean() })
}

function opening(): fc.Arbitrary<Act> {
  const message = fc.constantFrom('a', 'b', 'c')
  const cause = fc.constantFrom('alice/1', 'alice/2', 'bob/1')
  const by = fc.constantFrom(...agents)
  return fc.record({ do: fc.constant('open' as const), by, message, cause, anew: fc.boolean() })
}

function growing(): fc.Arbitrary<Act> {
  const kind = fc.constantFrom('text' as const, 'text' as const, 'reasoning' as const)
  return fc.record({ do: fc.constant('grow' as const), which, kind, said: piece })
}

function closing(): fc.Arbitrary<Act> {
  const outcome = fc.constantFrom<Outcome>('completed', 'cancelled', 'failed', 'timed_out', 'interrupted')
  return fc.record({ do: fc.constant('close' as const), which, outcome })
}

/** Any log that a room could have. */
export const anyLog: fc.Arbitrary<AnyLog> = fc.array(act, { maxLength: 80 }).map(written)

function written(acts: readonly Act[]): AnyLog {
  const events: Event[] = []
  const calm = [0]
  const said = new Set<string>()
  /** The last run that answered each question. */
  const answered = new Map<string, string>()
  const open: Open[] = []
  const put = (by: Author, fact: Fact, id?: string): void => {
    events.push(event(events.length + 1, by, fact, id))
  }
  for (const [index, act] of acts.entries()) {
    const one = 'which' in act ? open[act.which % Math.max(1, open.length)] : undefined
    if (act.do === 'post') {
      // The same id of the same author is one message for ever.
      if (said.has(`${act.by.id}/${act.id}`)) continue
      const earlier = [...said].findLast((key) => key.startsWith(`${act.by.id}/`))
      said.add(`${act.by.id}/${act.id}`)
      const more = act.better && earlier !== undefined ? { supersedes: earlier } : {}
      put(act.by, { type: 'message.posted', parts: [text(act.said)], ...more }, act.id)
    } else if (act.do === 'open') {
      // Nor does an author open a second message of that id, or a log two spans of one key.
      if (said.has(`${act.by.id}/${act.message}`) || open.some(({ message }) => message === act.message)) continue
      said.add(`${act.by.id}/${act.message}`)
      const run = `r${index}`
      const { cause } = act
      const before = answered.get(cause)
      open.push({ by: act.by, message: act.message, run, parts: [], calls: [] })
      const more = act.anew && before !== undefined ? { supersedes: before } : {}
      put(act.by, { type: 'run.started', run, cause, node: 'n1', ...more })
      put(act.by, { type: 'message.opened', message: act.message, run })
      answered.set(cause, run)
    } else if (act.do === 'task') {
      const task = { id: act.task, title: 'x', status: act.status, progress: index % 100, priority: 2 } as const
      put(bob, { type: 'task.set', task, change: 'updated' })
    } else if (act.do === 'rethink') {
      const posted = events.filter(({ fact }) => fact.type === 'message.posted')
      const about = posted[act.of % Math.max(1, posted.length)]
      if (about !== undefined) put(bob, rethought(act.how, `${about.by.id}/${about.id}`, index))
    } else if (one !== undefined) work(act, one, index, put, open)
    if (open.length === 0) calm.push(events.length)
  }
  return { events, calm: [...new Set(calm)] }
}

function rethought(how: 'edit' | 'redact' | 'react' | 'unreact', message: string, index: number): Fact {
  if (how === 'edit') return { type: 'message.edited', message, parts: [text(`better ${index}`)] }
  if (how === 'redact') return { type: 'message.redacted', message }
  return { type: 'message.reacted', message, reaction: '👍', on: how === 'react' }
}

type Put = (by: Author, fact: Fact) => void

function work(act: Act, one: Open, index: number, put: Put, open: Open[]): void {
  const { by, message, run, parts } = one
  switch (act.do) {
    case 'grow': {
      const last = parts.at(-1)
      const grows = last?.type === act.kind
      const part = grows ? parts.length - 1 : parts.length
      const from = grows ? last.text.length : 0
      one.parts = [...parts.slice(0, part), { type: act.kind, text: `${grows ? last.text : ''}${act.said}` }]
      return put(by, { type: 'message.grew', message, part, kind: act.kind, from, text: act.said })
    }
    case 'add': {
      const part = parts[act.part]?.type === 'data' ? act.part : parts.length
      const content: Part = { type: 'data', name: 'chart', data: index }
      one.parts = parts.toSpliced(part, 1, content)
      return put(by, { type: 'message.added', message, part, content })
    }
    case 'call': {
      const call = `c${index}`
      one.calls.push({ call, input: act.writing ? '' : undefined, printed: '', asked: false })
      one.parts = [...parts, { type: 'tool', call }]
      const input = act.writing ? {} : { input: { index } }
      return put(by, { type: 'tool.called', run, message, part: parts.length, call, name: 'look', ...input })
    }
    case 'use':
    case 'ask':
    case 'decide':
    case 'stop':
    case 'end': {
      const call = one.calls[act.call % Math.max(1, one.calls.length)]
      return call === undefined ? undefined : useCall(act, one, call, put)
    }
    case 'cancel':
      return put(alice, { type: 'run.cancelling', run })
    case 'steer':
      return put(by, { type: 'run.steered', run, cause: `bob/${index}` })
    case 'resume':
      return put(by, { type: 'run.resumed', run, node: 'n2', since: 1 })
    case 'close': {
      for (const call of [...one.calls]) endCall(one, call, put)
      put(by, { type: 'message.closed', message, parts, outcome: act.outcome })
      put(by, { type: 'run.ended', run, outcome: act.outcome })
      open.splice(open.indexOf(one), 1)
      return
    }
    default:
  }
}

function useCall(act: Extract<Act, { call: number }>, one: Open, open: OpenCall, put: Put): void {
  const { by, run } = one
  const { call, input, printed } = open
  switch (act.do) {
    case 'use':
      if (input === undefined) {
        open.printed += act.said
        return put(by, { type: 'tool.grew', run, call, kind: 'output', from: printed.length, text: act.said })
      }
      open.input = act.said === '' ? undefined : input + act.said
      if (act.said === '') return put(by, { type: 'tool.ready', run, call, input: { whole: input } })
      return put(by, { type: 'tool.grew', run, call, kind: 'input', from: input.length, text: act.said })
    case 'ask':
      if (open.asked) return
      open.asked = true
      return put(by, { type: 'approval.asked', run, call, until: 9_999 })
    case 'decide':
      if (!open.asked) return
      put({ id: 'system', kind: 'system' }, { type: 'approval.given', run, call, approved: true, user: alice })
      return put(by, { type: 'tool.started', run, call })
    case 'stop':
      return put(alice, { type: 'tool.cancelling', run, call })
    case 'end':
      return endCall(one, open, put)
  }
}

function endCall(one: Open, open: OpenCall, put: Put): void {
  const { call, printed } = open
  const kept = printed === '' ? {} : { printed: `${printed}!` }
  put(one.by, { type: 'tool.ended', run: one.run, call, outcome: 'ok', output: call, ...kept })
  one.calls.splice(one.calls.indexOf(open), 1)
}

/** What a log keeps: without the growth of messages and tool calls that have ended. */
export function disposed(events: readonly Event[]): Event[] {
  const subject = ({ by, fact }: Event): string => {
    if ('message' in fact) return `${by.id}/${fact.message}`
    return 'call' in fact ? `${fact.run} ${fact.call}` : ''
  }
  const ends = events.filter(({ fact }) => fact.type === 'message.closed' || fact.type === 'tool.ended')
  const whole = new Set(ends.map(subject))
  return events.filter((one) => !isGrowth(one.fact) || !whole.has(subject(one)))
}
