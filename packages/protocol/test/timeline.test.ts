import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Fact, messageKey } from '../src/event.ts'
import type { Page } from '../src/page.ts'
import { applyPage, emptyTimeline, prependPage, type Timeline, timelineOf } from '../src/timeline.ts'
import { alice, anyLog, bob, closed, disposed, event, guide, lobby, page, streamed, text } from './facts.ts'

const hello = event(1, alice, { type: 'message.posted', parts: [text('hello')] }, 'q1')

function texts({ messages }: Timeline): string[] {
  return messages.map(({ parts }) => parts.map((part) => ('text' in part ? part.text : `<${part.type}>`)).join('|'))
}

test('[P1] a page moves the picture to its upTo, which may lie beyond its last event', () => {
  const { position } = timelineOf(page([hello], { upTo: 9 }))
  expect(position).toEqual({ epoch: 'e1', seq: 9 })
})

test('[P2] a page that follows is added, and one that was heard before changes nothing at all', () => {
  const first = timelineOf(page([hello]))
  const second = page([event(2, bob, { type: 'message.posted', parts: [text('hi')] }, 'q1')], { after: 1 })
  const both = applyPage(first, second)
  expect(texts(both)).toEqual(['hello', 'hi'])
  expect(applyPage(both, second)).toBe(both)
  expect(applyPage(both, page([hello]))).toBe(both)
})

test('[P2] of a page that overlaps, what is known already is skipped', () => {
  const picture = timelineOf(page(streamed(1, 'one ', 'two ')))
  const overlapping = page(streamed(1, 'one ', 'two ', 'three'), { after: 0 })
  expect(texts(applyPage(picture, overlapping))).toEqual(['one two three'])
})

test('[P2] a page of another epoch, or one that leaves a gap, is not applied', () => {
  const picture = timelineOf(page([hello]))
  const later = event(4, bob, { type: 'message.posted', parts: [text('hi')] }, 'q1')
  expect(applyPage(picture, page([later], { epoch: 'e2', after: 1 }))).toBe(picture)
  expect(applyPage(picture, page([later], { after: 3 }))).toBe(picture)
})

test('[P2] a page with a reset replaces all that was known', () => {
  const picture = timelineOf(page([hello]))
  const anew = event(7, bob, { type: 'message.posted', parts: [text('anew')] }, 'x')
  const reset = page([anew], { epoch: 'e2', after: 6, reset: 'epoch', earlier: true })
  expect(applyPage(picture, reset)).toEqual(timelineOf(reset))
  expect(applyPage(picture, reset)).toMatchObject({ start: 6, earlier: true, position: { epoch: 'e2', seq: 7 } })
})

test('a page without events moves the position and shares everything else', () => {
  const picture = timelineOf(page([hello]))
  const moved = applyPage(picture, page([], { after: 1, upTo: 5 }))
  expect(moved.position).toEqual({ epoch: 'e1', seq: 5 })
  expect(moved.messages).toBe(picture.messages)
  expect(moved.runs).toBe(picture.runs)
})

test('what did not change is the same object as before', () => {
  const picture = timelineOf(page([hello, ...streamed(2, 'one ')]))
  const grown = applyPage(picture, page(streamed(2, 'one ', 'two').slice(3), { after: 4 }))
  expect(grown.messages[0]).toBe(picture.messages[0])
  expect(grown.messages[1]).not.toBe(picture.messages[1])
  expect(texts(picture)).toEqual(['hello', 'one '])
})

test('[V3] two authors may use the same id, and each keeps their message', () => {
  const also = event(2, bob, { type: 'message.posted', parts: [text('hi')] }, 'q1')
  const { messages } = timelineOf(page([hello, also]))
  expect(messages.map(({ key }) => key)).toEqual(['alice/q1', 'bob/q1'])
  expect(messageKey('alice', 'q1')).toBe('alice/q1')
})

test('[V2] growth applies only where the text has exactly its offset', () => {
  const grew = (from: number, words: string) =>
    event(9, guide, { type: 'message.grew', message: 'm1', part: 0, kind: 'text', from, text: words })
  const picture = timelineOf(page(streamed(1, 'one ')))
  const after = (one: ReturnType<typeof event>) => texts(applyPage(picture, page([one], { after: 3 })))
  expect(after(grew(4, 'two'))).toEqual(['one two'])
  for (const from of [0, 3, 5]) expect(after(grew(from, 'two'))).toEqual(['one '])
})

test('[V2] offsets count UTF-16 units, so a character may come in halves', () => {
  expect(texts(timelineOf(page(streamed(1, 'a', '\ud83d', '\udcac', 'é!'))))).toEqual(['a💬é!'])
})

test('[V2] growth of a part that is not there, of another kind, or of a whole message is nothing', () => {
  const opened = event(1, guide, { type: 'message.opened', message: 'm1' })
  const grew = (part: number, kind: 'text' | 'reasoning', from: number) =>
    event(3, guide, { type: 'message.grew', message: 'm1', part, kind, from, text: 'x' })
  expect(texts(timelineOf(page([opened, grew(1, 'text', 0)])))).toEqual([''])
  expect(texts(timelineOf(page([opened, grew(0, 'text', 1)])))).toEqual([''])
  const some = event(2, guide, { type: 'message.grew', message: 'm1', part: 0, kind: 'text', from: 0, text: 'so' })
  expect(texts(timelineOf(page([opened, some, grew(0, 'reasoning', 2)])))).toEqual(['so'])
  expect(texts(timelineOf(page([opened, closed(2, 'whole'), grew(0, 'text', 5)])))).toEqual(['whole'])
})

test('[V2] the end of a message carries all of it, whatever was heard before', () => {
  const { messages } = timelineOf(page([...streamed(1, 'one '), closed(4, 'one two', 'interrupted')]))
  expect(messages).toEqual([
    {
      key: 'guide/m1',
      id: 'm1',
      by: guide,
      at: 1002,
      seq: 2,
      run: 'r1',
      parts: [text('one two')],
      state: 'interrupted',
    },
  ])
})

test('[R4] a message and a run that have ended stay as they ended', () => {
  const twice = page([
    ...streamed(1, 'one'),
    closed(4, 'one', 'cancelled'),
    closed(5, 'another end'),
    event(6, guide, { type: 'run.ended', run: 'r1', outcome: 'cancelled' }),
    event(7, guide, { type: 'run.ended', run: 'r1', outcome: 'completed' }),
    event(8, alice, { type: 'run.cancelling', run: 'r1' }),
  ])
  const { messages, runs } = timelineOf(twice)
  expect(messages[0]).toMatchObject({ state: 'cancelled', parts: [text('one')] })
  expect(runs.get('r1')).toMatchObject({ state: 'cancelled', cause: 'alice/q1', agent: guide })
})

test('tools stand in their message in the place where they were called, and end once', () => {
  const { messages, tools } = timelineOf(
    page([
      ...streamed(1, 'let me look '),
      event(4, guide, {
        type: 'tool.called',
        run: 'r1',
        message: 'm1',
        part: 1,
        call: 'c1',
        name: 'look',
        title: 'Looking',
        input: 1,
      }),
      event(5, guide, { type: 'message.grew', message: 'm1', part: 2, kind: 'text', from: 0, text: 'there' }),
      event(6, guide, { type: 'tool.ended', run: 'r1', call: 'c1', outcome: 'ok', output: [2] }),
      event(7, guide, { type: 'tool.ended', run: 'r1', call: 'c1', outcome: 'failed' }),
    ]),
  )
  expect(messages[0]?.parts).toEqual([text('let me look '), { type: 'tool', call: 'c1' }, text('there')])
  expect(tools.get('c1')).toEqual({
    call: 'c1',
    run: 'r1',
    by: { id: 'guide', kind: 'agent', name: 'guide' },
    message: 'm1',
    name: 'look',
    title: 'Looking',
    input: 1,
    state: 'ok',
    output: [2],
  })
})

test('[P5] a page of history joins exactly before the picture, or not at all', () => {
  const second = event(2, bob, { type: 'message.posted', parts: [text('hi')] }, 'q1')
  const picture = timelineOf(page([second], { after: 1, reset: 'start', earlier: true }))
  const past = prependPage(picture, page([hello], { upTo: 1, earlier: false }))
  expect(texts(past)).toEqual(['hello', 'hi'])
  expect(past).toMatchObject({ start: 0, earlier: false, position: { seq: 2 } })
  expect(prependPage(picture, page([hello], { epoch: 'e2' }))).toBe(picture)
  expect(prependPage(past, page([hello]))).toBe(past)
  const nothing = emptyTimeline(lobby)
  expect(prependPage(nothing, page([hello]))).toBe(nothing)
})

test('[P1, P2] a log told in any pages gives the same picture, also where growth was disposed of', () => {
  fc.assert(
    fc.property(anyLog, fc.array(fc.nat()), fc.boolean(), ({ events }, cuts, overlap) => {
      const head = events.length
      const ends = [...new Set([...cuts.map((cut) => cut % (head + 1)), head])].sort((a, b) => a - b)
      let picture = applyPage(emptyTimeline(lobby), page([], { reset: 'start' }))
      let from = 0
      for (const upTo of ends) {
        const after = overlap ? Math.max(0, from - 2) : from
        picture = applyPage(picture, { room: lobby, epoch: 'e1', after, upTo, events: events.slice(after, upTo) })
        from = upTo
      }
      const whole = timelineOf(page(events, { reset: 'start' }))
      expect(picture).toEqual(whole)
      expect(timelineOf(page(disposed(events), { upTo: head, reset: 'start' }))).toEqual(whole)
    }),
    { numRuns: 2_000 },
  )
})

test('[P5, J5] a log read backwards, from calm place to calm place, gives the same picture', () => {
  fc.assert(
    fc.property(anyLog, fc.array(fc.nat(), { minLength: 1 }), ({ events, calm }, cuts) => {
      const starts = [...new Set(cuts.map((cut) => calm[cut % calm.length] ?? 0)), 0].sort((a, b) => b - a)
      const slice = (after: number, upTo: number, more: Partial<Page> = {}): Page => ({
        ...page(events.slice(after, upTo), more),
        after,
        upTo,
      })
      const [last = 0, ...earlier] = starts
      let picture = timelineOf(slice(last, events.length, { reset: 'start', earlier: last > 0 }))
      for (const after of earlier) picture = prependPage(picture, slice(after, picture.start, { earlier: after > 0 }))
      expect(picture).toEqual(timelineOf(slice(0, events.length, { reset: 'start' })))
    }),
    { numRuns: 2_000 },
  )
})

test('[R12, P5] what answers a question that was asked anew is superseded, whenever it was written and read', () => {
  const anew = event(5, alice, { type: 'message.posted', parts: [text('hello?')], supersedes: 'alice/q1' }, 'q2')
  const again = [
    event(6, guide, { type: 'run.started', run: 'r2', cause: 'alice/q1', node: 'n1', supersedes: 'r1' }),
    event(7, guide, { type: 'message.opened', message: 'm2', run: 'r2' }),
  ]
  const whole = timelineOf(page([hello, ...streamed(2, 'hi'), anew, ...again], { reset: 'start' }))
  expect(whole.messages.map(({ supersededBy }) => supersededBy)).toEqual([
    'alice/q2',
    'alice/q2',
    undefined,
    'alice/q2',
  ])
  const late = timelineOf(page(again, { after: 5, reset: 'start', earlier: true }))
  expect(prependPage(late, page([hello, ...streamed(2, 'hi'), anew]))).toEqual({ ...whole, earlier: false })
})

test('[V2] of what a tool printed only what its end tells is kept', () => {
  const use = (seq: number, fact: object) => event(seq, guide, { run: 'r1', call: 'c1', ...fact } as Fact)
  const { tools } = timelineOf(
    page([
      use(1, { type: 'tool.called', message: 'm1', part: 0, name: 'look', input: 1 }),
      use(2, { type: 'tool.grew', kind: 'output', from: 0, text: 'on the way' }),
      use(3, { type: 'tool.ended', outcome: 'failed' }),
    ]),
  )
  expect(tools.get('c1')).not.toHaveProperty('printed')
})
