import type { Message } from '@parley/protocol'
import { type FakeAnthropic, type FakeBlock, fakeAnthropic } from '@parley/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ClaudeOptions, claude } from '../../src/agents/claude.ts'
import { type Agent, AgentFailure, type Thought, type Turn } from '../../src/seams/agent.ts'
import { spokenIn } from './claude-request.ts'
import { type Asking, alice, bob, said, text, thoughts, turn } from './turn.ts'

let model: FakeAnthropic
beforeEach(async () => {
  model = await fakeAnthropic()
})
afterEach(() => model.close())

const slow = { name: 'slow', description: 'Takes long.', input: { jsonSchema: {} }, execute: () => 'done' }

function agent(options: ClaudeOptions = {}): Agent {
  return claude({ apiKey: 'any', baseURL: model.url, maxRetries: 0, tools: [slow], ...options })
}

/** A turn in which people can steer. */
function steerable(question: string, more: Asking = {}): { readonly asked: Turn; steer(message: Message): void } {
  let waiting: Message[] = []
  let abort = new AbortController()
  const asked: Turn = {
    ...turn(question, { tools: [slow], ...more }),
    get steered() {
      return abort.signal
    },
    steering: () => {
      const taken = waiting
      waiting = []
      abort = new AbortController()
      return taken
    },
  }
  return {
    asked,
    steer: (message) => {
      waiting.push(message)
      abort.abort()
    },
  }
}

const callSlow: FakeBlock = { type: 'tool_use', id: 'a', name: 'slow', input: {} }

test('who speaks while it speaks interrupts it: it hears them and begins anew after what it had said', async () => {
  const { asked, steer } = steerable('Tell me of cats')
  model.script({ blocks: [{ type: 'text', pieces: ['Cats ', 'are '] }], ending: 'hang' }, 'Dogs bark.')
  const heard: Thought[] = []
  for await (const thought of agent().reply(asked)) {
    heard.push(thought)
    if (thought === 'are ') steer(said(alice, 'Rather of dogs'))
  }
  expect(text(heard)).toBe('Cats are \n\nDogs bark.')
  expect(await model.requests[0]?.ended).toBe('dropped')
  expect(spokenIn(model.requests[1])).toEqual([
    { role: 'user', content: 'Tell me of cats' },
    { role: 'assistant', content: 'Cats are ' },
    { role: 'user', content: 'Rather of dogs' },
  ])
})

test('who speaks before it has said anything has added to the question', async () => {
  const { asked, steer } = steerable('Cats')
  model.script({ blocks: [{ type: 'thinking', pieces: ['Cats, ', 'hm'] }], ending: 'hang' }, 'All right.')
  const heard: Thought[] = []
  for await (const thought of agent().reply(asked)) {
    heard.push(thought)
    if (heard.length === 2) steer(said(bob, 'and dogs'))
  }
  expect(text(heard)).toBe('All right.')
  expect(spokenIn(model.requests[1])).toEqual([{ role: 'user', content: 'Cats\n\nBob: and dogs' }])
})

test('what it had thought to the end stays in its mind, what it was just thinking does not', async () => {
  const { asked, steer } = steerable('Cats')
  model.script(
    {
      blocks: [
        { type: 'thinking', pieces: ['Cats.'], signature: 'whole' },
        { type: 'text', pieces: ['Cats '] },
        { type: 'thinking', pieces: ['And ', 'so'] },
      ],
      ending: 'hang',
    },
    'All right.',
  )
  const heard: Thought[] = []
  for await (const thought of agent().reply(asked)) {
    heard.push(thought)
    if (typeof thought === 'object' && thought.type === 'reasoning' && thought.text === 'so') steer(said(alice, 'Dogs'))
  }
  expect(spokenIn(model.requests[1])[1]?.content).toEqual([
    { type: 'thinking', thinking: 'Cats.', signature: 'whole' },
    { type: 'text', text: 'Cats ' },
  ])
})

test('a call that was being written when somebody spoke is not made', async () => {
  const { asked, steer } = steerable('Delete it', {
    use: async () => {
      throw new Error('it was used')
    },
  })
  model.script(
    {
      blocks: [
        { type: 'text', pieces: ['Well.'] },
        { ...callSlow, pieces: ['{"a"', ': 1'] },
      ],
      ending: 'hang',
    },
    'I left it.',
  )
  const heard: Thought[] = []
  for await (const thought of agent().reply(asked)) {
    heard.push(thought)
    if (typeof thought === 'object' && thought.type === 'tool.input' && thought.text === ': 1')
      steer(said(alice, 'No, stop'))
  }
  expect(heard).toContainEqual({ type: 'tool.ended', call: 'a', outcome: 'cancelled' })
  expect(spokenIn(model.requests[1]).slice(1)).toEqual([
    { role: 'assistant', content: 'Well.' },
    { role: 'user', content: 'No, stop' },
  ])
})

test('who speaks while tools are at work is heard after what came of them, in the same breath', async () => {
  const { asked, steer } = steerable('Go', {
    use: async () => {
      steer(said(alice, 'And hurry'))
      return { call: 'c', outcome: 'ok', text: 'done' }
    },
  })
  model.script({ blocks: [callSlow], stop: 'tool_use' }, 'Done.')
  expect(text(await thoughts(agent({ maxSteps: 2 }), asked))).toBe('Done.')
  expect(spokenIn(model.requests[1]).at(-1)).toEqual({
    role: 'user',
    content: [
      { type: 'tool_result', tool_use_id: 'a', content: 'done' },
      { type: 'text', text: 'And hurry' },
    ],
  })
})

test('who speaks while the last word is said gets an answer to that too', async () => {
  const { asked, steer } = steerable('One')
  model.script({ blocks: [{ type: 'text', pieces: ['First.'] }], usage: { input: 1, output: 1 } }, 'Second.')
  const heard: Thought[] = []
  for await (const thought of agent().reply(asked)) {
    heard.push(thought)
    if (typeof thought === 'object' && thought.type === 'usage' && model.requests.length === 1)
      steer(said(alice, 'Two'))
  }
  expect(text(heard)).toBe('First.\n\nSecond.')
  expect(spokenIn(model.requests[1]).slice(1)).toEqual([
    { role: 'assistant', content: 'First.' },
    { role: 'user', content: 'Two' },
  ])
})

test('who interrupts it without a word for it lets it finish the sentence', async () => {
  const { asked, steer } = steerable('One')
  model.script({ blocks: [{ type: 'text', pieces: ['First', ' and'] }], ending: 'hang' }, ' last.')
  const heard: Thought[] = []
  for await (const thought of agent().reply(asked)) {
    heard.push(thought)
    if (thought === ' and') steer({ ...said(alice, ''), parts: [{ type: 'data', name: 'mood', data: 'fine' }] })
  }
  expect(text(heard)).toBe('First and last.')
  expect(spokenIn(model.requests[1]).at(-1)).toEqual({
    role: 'user',
    content: expect.stringContaining('Go on exactly'),
  })
})

test('who steers without end is told that it has an end', async () => {
  const { asked, steer } = steerable('One')
  model.script({ blocks: [{ type: 'text', pieces: ['First'] }], ending: 'hang' })
  const heard: Thought[] = []
  for await (const thought of agent({ maxSteps: 1 }).reply(asked)) {
    heard.push(thought)
    if (thought === 'First') steer(said(alice, 'Two'))
  }
  expect(text(heard)).toBe('First\n\n*(The answer stops here: it has taken 1 step, as many as it may.)*')
})

test('who stops it while somebody steers it stops it', async () => {
  const stop = new AbortController()
  const { asked, steer } = steerable('One', { signal: stop.signal })
  model.script({ blocks: [{ type: 'text', pieces: ['First'] }], ending: 'hang' })
  const heard: Thought[] = []
  for await (const thought of agent().reply(asked)) {
    heard.push(thought)
    steer(said(alice, 'Two'))
    stop.abort('cancelled')
  }
  expect(heard).toEqual(['First'])
  expect(model.requests).toHaveLength(1)
})

test('a model that fails is not taken for somebody who steers', async () => {
  const { asked } = steerable('One')
  model.script({ blocks: [{ type: 'text', pieces: ['First'] }], ending: 'cut' })
  await expect(thoughts(agent(), asked)).rejects.toThrow(AgentFailure)
})
