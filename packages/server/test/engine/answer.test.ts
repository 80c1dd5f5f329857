// When what an agent says is written, and how it is put together until then.
import { VirtualTime } from '@parley/testing'
import { expect, test } from 'vitest'
import { Answer } from '../../src/engine/answer.ts'
import type { Room } from '../../src/engine/room.ts'
import { WritingPace } from '../../src/engine/writing-pace.ts'
import type { Draft } from '../../src/seams/log.ts'

/** An answer among so many others, and what it wrote, each time. */
function answering(others = 0) {
  const time = new VirtualTime()
  const clock = time.clock()
  const pace = new WritingPace(clock)
  for (let count = 0; count < others; count += 1) pace.begin()
  const wrote: (readonly Draft[])[] = []
  const append = async (drafts: readonly Draft[]): Promise<never[]> => {
    wrote.push(drafts)
    return []
  }
  const answer = new Answer({
    room: { append } as unknown as Room,
    agent: { id: 'guide', kind: 'agent' },
    held: { run: 'r' as never, since: 1 },
    clock,
    pace,
    maxLength: 1_000_000,
    over: () => undefined,
  })
  const facts = () => wrote.map((drafts) => drafts.map(({ fact }) => fact))
  return { time, answer, facts, close: () => answer.close({ outcome: 'completed' }, append) }
}

const grew = (part: number, from: number, text: string, kind = 'text') =>
  expect.objectContaining({ type: 'message.grew', part, kind, from, text })

test('the first piece is written at once, those that follow soon and together', async () => {
  const { time, answer, facts } = answering()
  for (const text of ['one', ' two', ' three']) answer.say('text', text)
  await time.pass(19)
  expect(facts()).toEqual([[grew(0, 0, 'one')]])
  await time.pass(1)
  expect(facts().slice(1)).toEqual([[grew(0, 3, ' two three')]])
})

test('however many answers grow, much text is not waited with, nor is what is no text', async () => {
  const { time, answer, facts } = answering(200)
  answer.say('text', 'one')
  await time.pass(1)
  answer.say('text', 'a'.repeat(600))
  answer.say('text', 'b'.repeat(600))
  await time.pass(1)
  expect(facts().slice(1)).toEqual([[grew(0, 3, `${'a'.repeat(600)}${'b'.repeat(600)}`)]])
  answer.say('text', 'and')
  answer.data('chart', 1, undefined)
  await time.pass(1)
  expect(facts().slice(2)).toEqual([
    [grew(0, 1_203, 'and'), expect.objectContaining({ type: 'message.added', part: 1 })],
  ])
  answer.say('text', 'last')
  await time.pass(100)
  expect(facts()).toHaveLength(3)
  await time.pass(150)
  expect(facts().slice(3)).toEqual([[grew(2, 0, 'last')]])
})

test('what was said is one, whatever of it waits, and the end tells it whole', async () => {
  const { time, answer, facts, close } = answering(200)
  for (const text of ['on', 'e', ' two']) answer.say('text', text)
  answer.say('reasoning', 'h')
  answer.say('reasoning', 'm')
  answer.say('text', 'three')
  const parts = [
    { type: 'text', text: 'one two' },
    { type: 'reasoning', text: 'hm' },
    { type: 'text', text: 'three' },
  ]
  expect(answer.parts).toEqual(parts)
  answer.say('text', '!')
  await time.pass(1)
  await close()
  const last = facts().at(-1) ?? []
  expect(last).toEqual([
    grew(0, 2, 'e two'),
    grew(1, 0, 'hm', 'reasoning'),
    grew(2, 0, 'three!'),
    expect.objectContaining({
      type: 'message.closed',
      parts: [...parts.slice(0, 2), { type: 'text', text: 'three!' }],
    }),
    expect.objectContaining({ type: 'run.ended' }),
  ])
})

test('an answer that was taken over goes on where it was', async () => {
  const { time, answer, facts } = answering()
  answer.restore([{ type: 'text', text: 'so far' }])
  answer.say('text', ', so')
  answer.say('text', ' good')
  await time.pass(20)
  expect(facts()).toEqual([[grew(0, 6, ', so')], [grew(0, 10, ' good')]])
  expect(answer.parts).toEqual([{ type: 'text', text: 'so far, so good' }])
})
