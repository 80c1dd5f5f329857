import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { guide } from '../../src/agents/guide.ts'
import { DOC_FOLDERS, readDocs } from '../../src/agents/guide-docs.ts'
import { sectionsOf } from '../../src/agents/guide-sections.ts'
import type { Agent, Thought } from '../../src/seams/agent.ts'
import { type Answered, ask, folderWith, removeFolders } from './guide-world.ts'
import { alice, bob, said, text, thoughts, turn } from './turn.ts'

afterAll(removeFolders)

/** Where the passages come from that an answer shows, best first. */
function sourcesOf(answer: string): string[] {
  return [...answer.matchAll(/^— \[.*\]\((\S+)\)$/gm)].map(([, source = '']) => source)
}

/** What the guide's search found, best first. */
function findings({ uses }: Answered): { title: string; source: string; score: number }[] {
  return JSON.parse(JSON.stringify(uses[0]?.result?.output))
}

describe('on the documentation of Parley', () => {
  const agent = guide()

  test.each([
    ['How do I start the server?', /#start-the-server$|^\/docs\/README\.md/, 'npm start'],
    ['What happens when the server is killed in the middle of an answer?', /#when-the-server-is-killed/, 'interrupted'],
    ['How do I plug in my own agent?', /#plug-in-your-own-agent|agent/, 'defineAgent'],
    ['Which environment variables exist?', /#environment-variables$/, 'PARLEY_RETENTION_DAYS'],
    ['How do I get a token?', /#get-a-token$/, 'parley token'],
    ['What is Parley?', /^\/docs\/README\.md/, 'self-hosted'],
    ['What is a position?', /position/, 'epoch'],
    ['How is a slow client handled?', /slow/, 'position'],
    ['Does it lose my messages when I am offline?', /#when-the-connection-is-lost/, 'lose nothing'],
    ['what does 4001 mean', /PROTOCOL|#problem-codes/, 'rate.exceeded'],
    ['how do i embed parley in fastify', /embedding\.md/, 'Fastify'],
    ['How do I stop an answer?', /#stop-an-answer|#cancel|#run/, 'cancel'],
    ['enviroment variabels', /#environment-variables$/, 'PARLEY_DATA'],
  ])('"%s" is answered from the right place', async (question, source, words) => {
    const answer = text(await thoughts(agent, turn(question)))
    const [best = ''] = sourcesOf(answer)
    expect(best).toMatch(source)
    expect(answer).toContain(words)
    expect(answer.length).toBeLessThan(7_000)
  })

  test.each([
    'What is the weather in Paris?',
    'How do I bake a chocolate cake?',
    'constructor',
    '__proto__ toString',
    '?!',
    'ログイン',
  ])('"%s" is not in there, and the guide says so and what is', async (question) => {
    const answer = await ask(agent, question)
    expect(findings(answer)).toEqual([])
    expect(answer.text).toContain('I found nothing about that')
    expect(answer.text).toContain('(/docs/guide/getting-started.md)')
    expect(sourcesOf(answer.text)).toEqual([])
  })

  test('every link of every section leads to a document or a section that is there', async () => {
    const docs = await readDocs(DOC_FOLDERS)
    const sections = sectionsOf(docs)
    const places = new Set([...docs.map(({ url }) => url), ...sections.map(({ source }) => source)])
    const links = sections.flatMap(({ blocks }) =>
      blocks
        .filter((block) => !/^\s*(```|~~~)/.test(block))
        .flatMap((block) => [...block.matchAll(/\]\((\/docs\/[^)]+)\)/g)]),
    )
    expect(links.length).toBeGreaterThan(0)
    expect(links.map(([, target = '']) => target).filter((target) => !places.has(target))).toEqual([])
  })

  test('a short question leans on the one before, of the same person', async () => {
    const history = [said(alice, 'Which environment variables exist?'), said(bob, 'How is a slow client handled?')]
    const answer = await ask(agent, 'and for claude?', { history })
    expect(answer.uses[0]?.input).toEqual({ query: 'and for claude?', context: 'Which environment variables exist?' })
    expect(findings(answer)[0]?.source).toMatch(/#environment-variables$|#claude/)
    expect(answer.text).toContain('ANTHROPIC_API_KEY')
    const alone = await thoughts(agent, turn('why?'))
    expect(text(alone)).toContain('I found nothing about that')
    const leaning = await ask(agent, 'why?', { history })
    expect(findings(leaning)[0]?.source).toMatch(/#environment-variables$/)
  })

  test.each(['hello', 'Hi there!', '@guide hey', 'Good morning.'])('"%s" is greeted', async (greeting) => {
    const answer = await thoughts(agent, turn(greeting))
    expect(answer.every((thought) => typeof thought === 'string')).toBe(true)
    expect(text(answer)).toMatch(/^Hello\..*not a language model/s)
  })

  test.each(['who are you?', 'Are you an AI?', 'help', 'what can you do?'])(
    '"%s" is answered honestly',
    async (question) => {
      expect(text(await thoughts(agent, turn(question)))).toContain('I am not a language model')
    },
  )

  test('thanks are taken', async () => {
    expect(text(await thoughts(agent, turn('Thank you, @guide')))).toContain('welcome')
  })

  test('a greeting with a question is a question', async () => {
    const answer = await ask(agent, 'Hello, how do I get a token?')
    expect(findings(answer)[0]?.source).toMatch(/#get-a-token$/)
  })
})

describe('on documentation of a test', () => {
  let agent: Agent
  beforeAll(async () => {
    const rows = Array.from({ length: 30 }, (_, row) => `| \`FRUIT_${row}\` | fruit number ${row} |`)
    const story = Array.from(
      { length: 80 },
      (_, line) => `Paragraph ${line} of a story about nothing much at all, told slowly.`,
    )
    agent = guide({
      docs: await folderWith({
        'README.md':
          '# Orchard\n\nAn orchard has trees. See [pruning](docs/guide/trees.md#pruning) and [the law](LICENSE).\n',
        'docs/guide/trees.md': [
          '# Trees',
          'What grows.',
          '## Pruning',
          'Cut in winter. Read [the README](../../README.md) and [below](#pruning-1).',
          '```sh\n# Not a heading\nprune --all [x](y.md)\n\nprune --again\n```',
          '## Pruning',
          'The second of that name: ![shears](shears.png) secateurs.',
          '## Harvest (in autumn)',
          ['| name | what |', '|---|---|', ...rows].join('\n'),
          '## Keep a pear',
          'A pear keeps for a week; a cold one keeps longer.',
          '## Get a pear',
          'From the tree, when it is ripe and the ladder is safe to climb on a dry morning.',
          '## A tale',
          ...story,
          'The treasure lies under the walnut.',
        ].join('\n\n'),
      }),
    })
  })

  test('its search is shown as a tool call before the answer', async () => {
    const { uses, thoughts: words } = await ask(agent, 'How about pruning?')
    expect(uses).toMatchObject([
      {
        tool: { name: 'search_docs', title: 'Searching the documentation' },
        input: { query: 'How about pruning?' },
        result: { outcome: 'ok' },
      },
    ])
    expect(Object(uses[0]?.result?.output)[0]).toEqual({
      title: 'Trees › Pruning',
      source: '/docs/guide/trees.md#pruning',
      score: expect.any(Number),
    })
    expect(words.length).toBeGreaterThan(10)
    expect(words.every((word) => typeof word === 'string')).toBe(true)
  })

  test('passages are quoted to the letter, with links that work from anywhere, and cited', async () => {
    const answer = text(await thoughts(agent, turn('When is pruning, in winter?')))
    expect(answer).toContain(
      'Cut in winter. Read [the README](/docs/README.md) and [below](/docs/guide/trees.md#pruning-1).',
    )
    expect(answer).toContain('```sh\n# Not a heading\nprune --all [x](y.md)\n\nprune --again\n```')
    expect(answer).toContain('— [Trees › Pruning](/docs/guide/trees.md#pruning)')
    const second = text(await thoughts(agent, turn('secateurs')))
    expect(second).toContain('The second of that name: shears secateurs.')
    expect(sourcesOf(second)).toEqual(['/docs/guide/trees.md#pruning-1'])
    expect(text(await thoughts(agent, turn('orchard')))).toContain(
      '[pruning](/docs/guide/trees.md#pruning) and the law.',
    )
  })

  test('of a long table the row that was asked for is shown', async () => {
    const answer = text(await thoughts(agent, turn('What is FRUIT_17?')))
    expect(answer).toContain('| name | what |\n|---|---|\n| `FRUIT_17` | fruit number 17 |\n')
    expect(answer).not.toContain('FRUIT_16')
    expect(sourcesOf(answer)).toEqual(['/docs/guide/trees.md#harvest-in-autumn'])
  })

  test('of a long section as much is shown as fits, with what was asked for', async () => {
    const answer = text(await thoughts(agent, turn('Where is the treasure?')))
    expect(answer).toContain('The treasure lies under the walnut.')
    expect(answer).toContain('\n\n…\n\n')
    expect(answer.length).toBeLessThan(5_000)
  })

  test('words that the documentation does not know are named', async () => {
    const answer = text(await thoughts(agent, turn('pruning secateurs harvest bicycle')))
    expect(answer).toContain('never mentions “bicycle”')
  })

  test('a heading that is asked word for word is meant', async () => {
    expect(findings(await ask(agent, 'How do I get a pear?'))[0]?.title).toBe('Trees › Get a pear')
  })

  test('of a question as long as a frame the beginning is searched for', async () => {
    const { uses, text } = await ask(agent, `Where is the treasure? ${'blah bloh '.repeat(20_000)}`)
    expect(Object(uses[0]?.input).query).toMatch(/^Where is the treasure\?/)
    expect(Object(uses[0]?.input).query.length).toBeLessThanOrEqual(600)
    expect(text.length).toBeLessThan(5_000)
  })

  test('an answer that is stopped goes no further', async () => {
    const stop = new AbortController()
    const heard: Thought[] = []
    for await (const thought of agent.reply(turn('Where is the treasure?', { signal: stop.signal }))) {
      heard.push(thought)
      if (heard.length === 5) stop.abort()
    }
    expect(heard).toHaveLength(5)
  })

  test('with a pace each word waits for the clock', async () => {
    const waits: (() => void)[] = []
    const after = (_: number, run: () => void) => {
      waits.push(run)
      return () => undefined
    }
    const words = guide({ paceMs: 5, after }).reply(turn('hello'))[Symbol.asyncIterator]()
    const first = words.next()
    expect(waits).toHaveLength(1)
    waits[0]?.()
    expect(await first).toEqual({ done: false, value: 'Hello. ' })
  })
})

test('the first folder that has documentation is the one', async () => {
  const empty = await folderWith({ 'notes.txt': 'nothing' })
  const first = await folderWith({ 'docs/deep/er/one.md': '# One\n\nUnicorns live here.' })
  const second = await folderWith({ 'README.md': '# Two\n\nUnicorns live there.' })
  const docs = [join(empty, 'missing'), empty, first, second]
  expect(sourcesOf(text(await thoughts(guide({ docs }), turn('unicorns'))))).toEqual(['/docs/deep/er/one.md#one'])
})

test('without documentation the guide says that it has none', async () => {
  const docs = await folderWith({ 'notes.txt': 'nothing' })
  expect(text(await thoughts(guide({ docs }), turn('How do I start?')))).toContain('no documentation')
})
