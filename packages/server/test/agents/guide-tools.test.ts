import { rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { inputSchemaOf } from '../../src/agents/define.ts'
import { guide } from '../../src/agents/guide.ts'
import { closing } from '../../src/agents/guide-closing.ts'
import type { Agent } from '../../src/seams/agent.ts'
import { ask, asking, folderWith, removeFolders } from './guide-world.ts'
import { alice, said } from './turn.ts'

afterAll(removeFolders)

const files = {
  'README.md':
    '# Orchard\n\nAn orchard has **old** trees.\n\n## Gate\n\nThe gate is\ngreen. See [trees](docs/guide/trees.md).\n',
  'docs/guide/trees.md': '# Trees\n\nWhat grows.\n\n## Pruning\n\nCut in winter; the gate is green then, too.\n',
}

let folder: string
let agent: Agent
beforeEach(async () => {
  folder = await folderWith(files)
  agent = guide({ docs: folder })
})

/** What tools printed, in order. */
function printed(uses: Awaited<ReturnType<typeof ask>>['uses']): string {
  return uses.flatMap(({ news }) => news.filter((piece) => typeof piece === 'string')).join('')
}

test('all tools can be told to models, and one needs approval', () => {
  const names = agent.tools?.map(({ name }) => name)
  expect(names).toEqual(['search_docs', 'find_phrase', 'calculate', 'inspect_files', 'reindex_docs', 'forget_index'])
  for (const tool of agent.tools ?? []) expect(inputSchemaOf(tool)).toMatchObject({ type: 'object' })
  expect(agent.tools?.filter(({ approval }) => approval === true).map(({ name }) => name)).toEqual(['forget_index'])
})

describe('the index is made anew', () => {
  test.each([
    'index the docs again',
    'Reindex',
    're-index the documentation, please',
    'Rebuild the index!',
    '@guide please rebuild the search index',
    'Read the docs again',
    'can you refresh the index?',
  ])('when somebody says "%s"', async (wish) => {
    const { uses, text } = await ask(agent, wish)
    expect(uses).toMatchObject([{ tool: { name: 'reindex_docs' }, result: { outcome: 'ok' } }])
    expect(text).toBe('I have read the documentation again: 2 files, 4 sections, 30 words. The new index is in use.')
  })

  test.each(['How do I rebuild the index?', 'index', 'Where are the docs?', 'read', 'What is an index?'])(
    'but not when somebody asks "%s"',
    async (question) => {
      expect((await ask(agent, question)).uses[0]?.tool.name).toBe('search_docs')
    },
  )

  test('file by file, with how far it has come and a line for each', async () => {
    const { uses } = await ask(agent, 'reindex')
    expect(uses[0]?.news).toEqual([
      { type: 'progress', fraction: 0.5, step: 1, steps: 2, text: 'README.md' },
      'README.md: 2 sections\n',
      { type: 'progress', fraction: 1, step: 2, steps: 2, text: 'docs/guide/trees.md' },
      'docs/guide/trees.md: 2 sections\n',
    ])
    expect(uses[0]?.result?.output).toEqual({ files: 2, sections: 4, words: 30 })
  })

  test('what was written meanwhile is found afterwards, and not before', async () => {
    await ask(agent, 'unicorns')
    await writeFile(join(folder, 'docs/guide/unicorns.md'), '# Unicorns\n\nUnicorns live here.\n')
    expect((await ask(agent, 'unicorns')).text).toContain('I found nothing')
    await ask(agent, 'reindex')
    expect((await ask(agent, 'unicorns')).text).toContain('Unicorns live here.')
  })

  test('who asks meanwhile is answered from the old one', async () => {
    await ask(agent, 'orchard')
    await writeFile(join(folder, 'docs/guide/unicorns.md'), '# Unicorns\n\nUnicorns live here.\n')
    let meanwhile: Promise<string> | undefined
    const heard = (): void => {
      meanwhile ??= ask(agent, 'unicorns').then(({ text }) => text)
    }
    await ask(agent, 'reindex', { heard })
    expect(await meanwhile).toContain('I found nothing')
  })

  test('who stops it between two files keeps the old index', async () => {
    await ask(agent, 'unicorns')
    await writeFile(join(folder, 'docs/guide/unicorns.md'), '# Unicorns\n\nUnicorns live here.\n')
    const stop = new AbortController()
    const { uses } = await ask(agent, 'reindex', { signal: stop.signal, heard: () => stop.abort() })
    expect(printed(uses)).toBe('README.md: 2 sections\n')
    expect(uses[0]?.result?.outcome).toBe('cancelled')
    expect((await ask(agent, 'unicorns')).text).toContain('I found nothing')
  })

  test('a file that cannot be read fails it and keeps the old index', async () => {
    await ask(agent, 'orchard')
    const heard = (): void => rmSync(join(folder, 'docs/guide/trees.md'), { force: true })
    const { uses, text } = await ask(agent, 'reindex', { heard })
    expect(uses[0]?.result?.outcome).toBe('failed')
    expect(text).toBe('The documentation was not indexed again; I go on with what I had. It failed.')
    expect((await ask(agent, 'When is pruning?')).text).toContain('Cut in winter')
  })

  test('with a pace there is time to watch it, by the clock that was handed in', async () => {
    const waits: number[] = []
    const after = (ms: number, run: () => void) => {
      waits.push(ms)
      queueMicrotask(run)
      return () => undefined
    }
    await ask(guide({ docs: folder, paceMs: 8, after }), 'reindex')
    expect(waits.filter((ms) => ms !== 8)).toEqual([400, 400])
  })
})

describe('the index is cleared', () => {
  test.each(['clear the index', 'Forget the index.', 'please drop your search index', '@guide clear the search index'])(
    'when somebody says "%s" and it is allowed',
    async (wish) => {
      await ask(agent, 'orchard')
      const { uses, text } = await ask(agent, wish)
      expect(uses).toMatchObject([{ tool: { name: 'forget_index', approval: true }, result: { outcome: 'ok' } }])
      expect(text).toMatch(/^The search index is cleared: 2 files, 4 sections, 30 words\./)
    },
  )

  test('and everybody sees that the next question reads the documentation first', async () => {
    expect(printed((await ask(agent, 'orchard')).uses)).toBe('Reading the documentation first.\n')
    expect(printed((await ask(agent, 'orchard')).uses)).toBe('')
    await ask(agent, 'clear the index')
    const { uses, text } = await ask(agent, 'orchard')
    expect(printed(uses)).toBe('Reading the documentation first.\n')
    expect(text).toContain('An orchard has')
  })

  test('where there is none, nothing is claimed', async () => {
    expect((await ask(agent, 'clear the index')).text).toMatch(/^There was no search index to clear/)
  })

  test('who denies it is named, with the reason, and the index stays', async () => {
    await ask(agent, 'orchard')
    const { text } = await ask(agent, 'clear the index', { denied: 'Bob denied it: not today' })
    expect(text).toBe('I did not clear the search index. Bob denied it: not today')
    expect(printed((await ask(agent, 'orchard')).uses)).toBe('')
  })

  test.each(['How do I clear the index?', 'forget it', 'delete the room'])(
    'but not when somebody says "%s"',
    async (question) => {
      expect((await ask(agent, question)).uses[0]?.tool.name).toBe('search_docs')
    },
  )
})

describe('these very words', () => {
  test('are found whatever the white space and the marks between them', async () => {
    const { uses, text } = await ask(agent, '"the gate is green"')
    expect(uses).toMatchObject([{ tool: { name: 'find_phrase' }, result: { outcome: 'ok' } }])
    expect(text).toMatch(/^“the gate is green” stands 2 times in the documentation\./)
    expect(text).toContain('The gate is\ngreen.')
    expect(text).toContain('— [Trees › Pruning](/docs/guide/trees.md#pruning)')
    expect((await ask(agent, 'find “has old trees”')).text).toMatch(/^“has old trees” stands once/)
  })

  test('that stand nowhere are searched for in the usual way instead', async () => {
    const { uses, text } = await ask(agent, '"the pruning gate"')
    expect(uses.map(({ tool, result }) => [tool.name, result?.outcome])).toEqual([
      ['find_phrase', 'skipped'],
      ['search_docs', 'ok'],
    ])
    expect(text).toMatch(/^“the pruning gate” stands nowhere word by word\./)
    expect(text).toContain('Cut in winter')
  })

  test('a question that quotes something is a question', async () => {
    expect((await ask(agent, 'What does "pruning" mean?')).uses[0]?.tool.name).toBe('search_docs')
  })
})

describe('what was found, in short', () => {
  test('is what "shorter" means after a question', async () => {
    const history = [said(alice, 'When is pruning?')]
    const { uses, text } = await ask(agent, 'shorter, please', { history })
    expect(uses).toMatchObject([{ tool: { name: 'search_docs' }, input: { query: 'When is pruning?', brief: true } }])
    expect(uses[0]?.result?.output).toHaveLength(1)
    expect(text).toBe(
      'Cut in winter; the gate is green then, too.\n\n— [Trees › Pruning](/docs/guide/trees.md#pruning)',
    )
  })

  test('is nothing where nothing was shown', async () => {
    expect((await ask(agent, 'shorter')).text).toBe('I have shown you nothing that could be shorter.')
    const history = [said(alice, '2 + 2')]
    expect((await ask(agent, 'shorter', { history })).text).toBe('I have shown you nothing that could be shorter.')
  })
})

describe('what the guide says of itself', () => {
  test.each(['What can you do?', 'help', 'Which tools do you have?'])('"%s" names its tools', async (question) => {
    const { text } = await ask(agent, question)
    for (const word of ['Calculate', 'Index the documentation again', 'Clear the search index', 'very words'])
      expect(text).toContain(word)
  })

  test('every example that it gives works', async () => {
    const { text } = await ask(agent, 'help')
    const examples = [...text.matchAll(/“((?:"[^"]*"|[^“”])+)”/g)].map(([, example = '']) => example)
    const used = await Promise.all(examples.map(async (example) => (await ask(agent, example)).uses[0]?.tool.name))
    expect(used.slice(0, 6)).toEqual([
      'calculate',
      'calculate',
      'calculate',
      'find_phrase',
      'reindex_docs',
      'forget_index',
    ])
  })
})

describe('what is said when a tool has ended follows from how it ended', () => {
  test.each([
    [
      'search_docs',
      'timed_out',
      { code: 'x', message: 'It took too long.' },
      'I could not search the documentation. It took too long.',
    ],
    ['calculate', 'cancelled', undefined, 'I cannot calculate that. Somebody stopped it.'],
    [
      'reindex_docs',
      'cancelled',
      undefined,
      'The documentation was not indexed again; I go on with what I had. Somebody stopped it.',
    ],
    [
      'forget_index',
      'denied',
      { code: 'x', message: 'Bob denied it.' },
      'I did not clear the search index. Bob denied it.',
    ],
  ] as const)('%s, %s', (name, outcome, failure, words) => {
    expect(closing({ name, outcome, ...(failure === undefined ? {} : { failure }) })).toBe(words)
  })

  test('a search that could not read the documentation says so', async () => {
    const { asked } = asking('orchard', {
      use: async () => ({
        call: 'c',
        outcome: 'failed',
        text: '',
        failure: { code: 'x', message: 'The disk is gone.' },
      }),
    })
    expect((await Array.fromAsync(agent.reply(asked))).join('')).toBe(
      'I could not search the documentation. The disk is gone.',
    )
  })
})
