// The house keeps its own rules: who imports whom, which rules of the protocol are proved, which problems exist.
import { globSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { problems } from '@parley/protocol'
import { expect, test } from 'vitest'
import { mutations } from '../scripts/mutations.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** The rows of the first table in `text` whose header begins with these cells, as cells. */
function table(text: string, ...header: readonly string[]): string[][] {
  const lines = text.split('\n')
  const start = lines.findIndex((line) => line.startsWith(`| ${header.join(' | ')} |`))
  expect(start, `no table | ${header.join(' | ')} |`).toBeGreaterThanOrEqual(0)
  const rows: string[][] = []
  for (const line of lines.slice(start + 2)) {
    if (!line.startsWith('|')) break
    rows.push(
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/u)
        .map((cell) => cell.trim()),
    )
  }
  return rows
}

const quoted = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/gu)].map(([, name]) => name ?? '')

/** What a source imports: files as paths from the root, packages by name. */
function importsOf(file: string): { from: string; to: string }[] {
  const text = read(file)
  const found = [
    ...text.matchAll(/^(?:import|export)\s(?:[^'`]*?\sfrom\s)?'([^']+)'/gmu),
    ...text.matchAll(/\bimport\('([^']+)'\)/gu),
  ]
  return found.map(([, name = '']) => {
    if (name.startsWith('.')) return { from: file, to: relative(root, join(root, dirname(file), name)) }
    const parts = name.split('/')
    return { from: file, to: name.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '') }
  })
}

const sources = (folder: string): string[] => globSync(`${folder}/**/*.{ts,tsx}`, { cwd: root })

test('every import of the sources is one that ARCHITECTURE.md allows', () => {
  const rules = table(read('ARCHITECTURE.md'), 'in', 'may import').map(([place = '', allowed = '']) => ({
    place: quoted(place)[0] ?? '',
    allowed: quoted(allowed),
  }))
  expect(rules.length).toBeGreaterThan(8)
  const noNode = ['packages/protocol/src', 'packages/client/src', 'packages/react/src', 'apps/web/src']
  const wrong: string[] = []
  let checked = 0
  for (const folder of ['packages/*/src', 'apps/*/src'])
    for (const file of sources(folder)) {
      // The most exact place is the one whose rule counts.
      const rule = rules
        .filter(({ place }) => file.startsWith(`${place}/`))
        .sort((a, b) => b.place.length - a.place.length)[0]
      if (rule === undefined) {
        wrong.push(`${file} stands in no place of the table`)
        continue
      }
      for (const { to } of importsOf(file)) {
        checked += 1
        const isNode = to.startsWith('node:') || builtinModules.includes(to)
        const fine =
          (isNode && !noNode.includes(rule.place)) ||
          // Its own place, but not a place below that has a rule of its own.
          (to.startsWith(`${rule.place}/`) &&
            !rules.some(({ place }) => place.startsWith(`${rule.place}/`) && to.startsWith(`${place}/`))) ||
          rule.allowed.some((name) => to === name || to.startsWith(`${name}/`))
        if (!fine) wrong.push(`${file} imports ${to}`)
      }
    }
  expect(checked).toBeGreaterThan(200)
  expect(wrong).toEqual([])
})

test('nothing imports the public index of its own package', () => {
  const wrong = globSync('packages/*/src/**/*.ts', { cwd: root })
    .flatMap(importsOf)
    .filter(({ to }) => /packages\/[^/]+\/src\/index\.ts$/u.test(to))
  expect(wrong).toEqual([])
})

test('the engine owns no time and no chance', () => {
  const wrong = sources('packages/server/src/engine').filter((file) =>
    /\b(?:Date\.now|performance\.now|Math\.random|setTimeout|setInterval|setImmediate|randomUUID)\b/u.test(read(file)),
  )
  expect(wrong).toEqual([])
})

test('the table of problems in PROTOCOL.md is that of the code', () => {
  const written = table(read('PROTOCOL.md'), 'code', 'number', 'retry', 'what to do').map(
    ([code = '', number, retry, advice]) => ({ code: quoted(code)[0], number: Number(number), retry, advice }),
  )
  expect(written).toEqual(Object.entries(problems).map(([code, kind]) => ({ code, ...kind })))
})

test('every rule of PROTOCOL.md is quoted by a test, and every quoted rule exists', () => {
  const rules = new Set([...read('PROTOCOL.md').matchAll(/^- \*\*([A-Z]\d+)\*\*/gmu)].map(([, rule = '']) => rule))
  const tests = globSync(['packages/*/test/**/*.test.{ts,tsx}', 'test/**/*.test.ts'], { cwd: root })
  const proved = new Set(
    tests.flatMap((file) =>
      [...read(file).matchAll(/'\[([A-Z]\d+(?:, ?[A-Z]\d+)*)\]/gu)].flatMap(([, list = '']) => list.split(/, ?/u)),
    ),
  )
  expect(rules.size).toBeGreaterThan(40)
  expect([...rules].filter((rule) => !proved.has(rule))).toEqual([])
  expect([...proved].filter((rule) => !rules.has(rule))).toEqual([])
})

test('each mistake that the simulation has to notice is spelled as the code is', () => {
  const stale = mutations.filter(({ file, from }) => read(file).split(from).length !== 2)
  expect(stale.map(({ name }) => name)).toEqual([])
})
