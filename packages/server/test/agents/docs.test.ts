import { readFile } from 'node:fs/promises'
import { problems } from '@parley/protocol'
import { expect, test } from 'vitest'
import { DEFAULT_MODEL } from '../../src/agents/claude.ts'

const root = new URL('../../../../', import.meta.url)
const read = (path: string): Promise<string> => readFile(new URL(path, root), 'utf8')

/** The cells of the rows whose first cell is code, without their marks. */
function rows(markdown: string): string[][] {
  return [...markdown.matchAll(/^\| `(.+)\|$/gm)].map(([, row = '']) =>
    `\`${row}`.split('|').map((cell) => cell.trim().replace(/^`(.*)`$/, '$1')),
  )
}

test('the guide names each problem with its number, and no other', async () => {
  const told = rows(await read('docs/guide/troubleshooting.md')).map(([code, number]) => [code, Number(number)])
  expect(told).toEqual(Object.entries(problems).map(([code, { number }]) => [code, number]))
})

test('the guide names each environment variable that the server reads, and no other', async () => {
  const source = await read('packages/server/src/options.ts')
  const known = [...source.matchAll(/'((?:PARLEY|ANTHROPIC|OPENAI)_[A-Z_]+|PORT|HOST)'/g)].map(([, name]) => name)
  const told = rows(await read('docs/guide/configuration.md')).map(([name]) => name)
  expect(told.toSorted()).toEqual([...new Set(known)].filter((name) => name !== 'PARLEY_BROKER').toSorted())
})

test('the guide names the model that answers by default', async () => {
  expect(await read('docs/guide/agents.md')).toContain(`by default \`${DEFAULT_MODEL}\``)
  expect(await read('docs/guide/configuration.md')).toContain(`| \`PARLEY_MODEL\` | \`${DEFAULT_MODEL}\` |`)
})
