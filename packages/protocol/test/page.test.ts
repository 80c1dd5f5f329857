import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compact } from '../src/page.ts'
import { applyPage, timelineOf } from '../src/timeline.ts'
import { alice, anyLog, closed, event, guide, lobby, page, streamed, text } from './facts.ts'

test('[P4] pieces that follow each other become one, in the place of the first', () => {
  const small = compact(page(streamed(1, 'one ', 'two ', 'three')))
  expect(small.events.map(({ fact }) => fact.type)).toEqual(['run.started', 'message.opened', 'message.grew'])
  expect(small.events.at(-1)?.fact).toMatchObject({ from: 0, text: 'one two three' })
  expect(small.upTo).toBe(5)
})

test('[P4] growth of a message that closes within the page is left out', () => {
  const whole = page([...streamed(1, 'one ', 'two'), closed(5, 'one two')])
  expect(compact(whole).events.map(({ fact }) => fact.type)).toEqual([
    'run.started',
    'message.opened',
    'message.closed',
  ])
  expect(timelineOf(compact(whole))).toEqual(timelineOf(whole))
})

test('[P4] pieces are joined across the words of others', () => {
  const [started, opened, one, two] = streamed(1, 'one ', 'two')
  const hello = event(4, alice, { type: 'message.posted', parts: [text('hello')] }, 'q2')
  const whole = page([started, opened, one, hello, { ...two, seq: 5 }] as never)
  expect(compact(whole).events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
  expect(timelineOf(compact(whole))).toEqual(timelineOf(whole))
})

test('[P4, V2] pieces of different parts, and pieces that leave a gap, stay apart', () => {
  const grew = (seq: number, part: number, from: number, words: string) =>
    event(seq, guide, { type: 'message.grew', message: 'm1', part, kind: 'text', from, text: words })
  const apart = page([grew(1, 0, 0, 'one'), grew(2, 1, 0, 'two'), grew(3, 1, 9, 'three')])
  expect(compact(apart)).toBe(apart)
})

test('[P4, V3] the end of one author’s message says nothing of another author’s with the same id', () => {
  const claude = { id: 'claude', kind: 'agent' } as const
  const whole = page([
    event(1, guide, { type: 'message.opened', message: 'm1' }),
    closed(2, 'whole'),
    event(3, claude, { type: 'message.opened', message: 'm1' }),
    event(4, claude, { type: 'message.grew', message: 'm1', part: 0, kind: 'text', from: 0, text: 'so ' }),
    event(5, claude, { type: 'message.grew', message: 'm1', part: 0, kind: 'text', from: 3, text: 'far' }),
  ])
  expect(timelineOf(compact(whole)).messages[1]?.parts).toEqual([text('so far')])
})

test('a page with nothing to leave out is the same page', () => {
  const plain = page([event(1, alice, { type: 'message.posted', parts: [text('hello')] }, 'q1')])
  expect(compact(plain)).toBe(plain)
  expect(compact(page(streamed(1, 'one')))).toEqual(page(streamed(1, 'one')))
})

test('[P4] whatever the page, folding it compacted gives the same picture', () => {
  fc.assert(
    fc.property(anyLog, fc.nat(), fc.nat(), ({ events }, one, other) => {
      const [after, upTo] = [one % (events.length + 1), other % (events.length + 1)].sort((a, b) => a - b) as [
        number,
        number,
      ]
      const before = timelineOf(page(events.slice(0, after)))
      const whole = { room: lobby, epoch: 'e1', after, upTo, events: events.slice(after, upTo) }
      const small = compact(whole)
      expect(applyPage(before, small)).toEqual(applyPage(before, whole))
      expect(small.events.length).toBeLessThanOrEqual(whole.events.length)
      expect(small.events.map(({ seq }) => seq)).toEqual(small.events.map(({ seq }) => seq).toSorted((a, b) => a - b))
      expect(compact(small)).toEqual(small)
    }),
    { numRuns: 2_000 },
  )
})
