import type { Message, Tool, ToolOutcome } from '@parley/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { guide } from '../../src/agents/guide.ts'
import type { Agent, Turn } from '../../src/seams/agent.ts'
import { asking, folderWith, removeFolders } from './guide-world.ts'
import { alice, bob, said } from './turn.ts'

afterAll(removeFolders)

let agent: Agent
beforeAll(async () => {
  const docs = await folderWith({
    'README.md': [
      '# Orchard',
      'An orchard has trees.',
      '## Pruning',
      'Cut in winter.',
      '```sh\nprune --all of the trees\n\nprune --again\n```',
      'Then rest.',
      '## Harvest',
      'In autumn, with a ladder.',
    ].join('\n\n'),
  })
  agent = guide({ docs })
})

/** What is said when, at these words, people say that: in order, each once. */
async function steered(question: string, ...interjections: readonly (readonly [at: string, message: Message])[]) {
  const left = [...interjections]
  let steering: Message[] = []
  let abort = new AbortController()
  const say = (...messages: readonly Message[]): void => {
    steering.push(...messages)
    abort.abort()
  }
  const { asked, uses } = asking(question)
  const turn: Turn = {
    ...asked,
    steering: () => {
      const taken = steering
      steering = []
      if (abort.signal.aborted) abort = new AbortController()
      return taken
    },
    get steered() {
      return abort.signal
    },
  }
  let text = ''
  for await (const thought of agent.reply(turn)) {
    text += String(thought)
    while (left[0] !== undefined && text.trimEnd().endsWith(left[0][0])) say(left.shift()?.[1] ?? turn.message)
  }
  expect(left).toEqual([])
  return { text, uses: uses.map(({ tool, input }) => [tool.name, input]) }
}

describe('somebody who speaks while the guide answers', () => {
  test('ends the passage and is answered', async () => {
    const { text, uses } = await steered('orchard', ['has', said(alice, 'When is the harvest?')])
    expect(text).toMatch(/An orchard has …\n\nThis is what the documentation says\.\n\nIn autumn, with a ladder\./)
    expect(text).not.toContain('has trees')
    expect(uses.map(([name]) => name)).toEqual(['search_docs', 'search_docs'])
  })

  test('may stop it', async () => {
    const { text, uses } = await steered('orchard', ['has', said(bob, 'Stop, please')])
    expect(text).toMatch(/An orchard has …\n\nI stop here\.$/)
    expect(uses).toHaveLength(1)
  })

  test('may want it shorter', async () => {
    const { text, uses } = await steered('orchard', ['has', said(alice, 'shorter')])
    expect(uses[1]).toEqual(['search_docs', { query: 'orchard', brief: true }])
    expect(text).toMatch(/has …\n\nAn orchard has trees\.\n\n— \[Orchard\]\(\/docs\/README\.md#orchard\)$/)
  })

  test('may lean on the question before', async () => {
    const { uses } = await steered('orchard', ['has', said(alice, 'and the harvest?')])
    expect(uses[1]).toEqual(['search_docs', { query: 'and the harvest?', context: 'orchard' }])
  })

  test('in the midst of code gets an answer outside of it', async () => {
    const { text } = await steered('pruning', ['--all', said(alice, '1 + 1')])
    expect(text).toContain('```sh\nprune --all \n```\n\n…\n\n`1 + 1` = **2**')
  })

  test('is answered in the order of the messages, and nobody is forgotten', async () => {
    const { text } = await steered(
      'orchard',
      ['has', said(alice, '1 + 1')],
      ['has', said(bob, '2 + 2')],
      ['**4**', said(bob, '3 + 3')],
    )
    expect(text.slice(text.indexOf('has'))).toBe('has …\n\n`1 + 1` = **2**\n\n`2 + 2` = **4**\n\n`3 + 3` = **6**')
  })

  test('does not cut what tells of something that was done', async () => {
    const { text } = await steered('1 + 1', ['=', said(alice, 'thanks')])
    expect(text).toBe('`1 + 1` = **2**\n\nYou are welcome. Ask on whenever you like.')
  })
})

/** A run that another process left after it had used a tool, and had said this since. */
function left(name: string, state: ToolOutcome, words: string, tool: Partial<Tool> = {}): Partial<Turn> {
  const message = 'a1'
  const by = { id: 'guide', kind: 'agent', name: 'guide' } as const
  const call: Tool = { call: 'run-1-1', run: 'run-1', message, by, name, input: {}, state, ...tool }
  const parts = [
    { type: 'tool', call: 'run-1-1' } as const,
    ...(words === '' ? [] : [{ type: 'text', text: words } as const]),
  ]
  return {
    calls: new Map([[call.call, call]]),
    partial: { ...said(by, ''), id: message, parts, state: 'streaming', run: 'run-1' },
  }
}

async function resumed(question: string, circumstances: Partial<Turn>) {
  const { asked, uses } = asking(question, circumstances)
  const text = (await Array.fromAsync(agent.reply(asked))).join('')
  return { text, uses: uses.map(({ tool }) => tool.name) }
}

describe('a run whose process ended while it waited for approval', () => {
  const output = { forgotten: { files: 1, sections: 3, words: 20 } }
  const whole =
    'The search index is cleared: 1 file, 3 sections, 20 words. Whoever asks next sees me read the documentation first.'

  test('goes on with what it says when the tool has ended', async () => {
    const { text, uses } = await resumed('clear the index', left('forget_index', 'ok', '', { output }))
    expect(text).toBe(whole)
    expect(uses).toEqual([])
  })

  test('does not repeat what stands already', async () => {
    const { text } = await resumed('clear the index', left('forget_index', 'ok', 'The search index is ', { output }))
    expect(text).toBe(whole.slice('The search index is '.length))
  })

  test('tells who denied it', async () => {
    const failure = { code: 'tool.denied', message: 'Bob denied it: not today' }
    const { text } = await resumed('clear the index', left('forget_index', 'denied', '', { failure }))
    expect(text).toBe('I did not clear the search index. Bob denied it: not today')
  })

  test('hears who spoke meanwhile, and does nothing twice that was asked for before', async () => {
    const steering = [said(alice, 'clear the index'), said(bob, '2 + 2')]
    const { text, uses } = await resumed('orchard', {
      ...left('forget_index', 'ok', '', { output }),
      steering: () => steering.splice(0),
    })
    expect(text).toBe(`${whole}\n\n\`2 + 2\` = **4**`)
    expect(uses).toEqual(['calculate'])
  })

  test('that had used no tool begins with the question', async () => {
    const { partial } = left('forget_index', 'ok', '')
    const nothing = { ...said(alice, ''), ...partial, parts: [] }
    expect((await resumed('1 + 1', { partial: nothing })).text).toBe('`1 + 1` = **2**')
  })

  test('is one that the guide wants back', () => {
    expect(agent).toMatchObject({ onInterrupted: 'wait', steers: true })
  })
})
