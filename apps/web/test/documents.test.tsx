// @vitest-environment happy-dom
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { readDocs, urlOf } from '../../../packages/server/src/agents/guide-docs.ts'
import { sectionsOf } from '../../../packages/server/src/agents/guide-sections.ts'
import Markdown from '../src/conversation/markdown.tsx'
import { anchorsOf } from '../src/documents/anchors.ts'
import { chapters, linkFrom, pictureFrom } from '../src/documents/documents.ts'

const root = join(import.meta.dirname, '../../..')

afterEach(cleanup)

function show(text: string, document = 'README.md'): Element {
  return render(<Markdown text={text} growing={false} document={document} />).container
}

test.each([
  [['Joining'], ['joining']],
  [['Who may do what?'], ['who-may-do-what']],
  [['Choose the agent: PARLEY_AGENT'], ['choose-the-agent-parley_agent']],
  [
    ['The flat protocol: /ws', 'one - two'],
    ['the-flat-protocol-ws', 'one---two'],
  ],
  [
    ['Größe', '日本'],
    ['größe', '日本'],
  ],
  [
    ['Guests', 'Other', 'Guests', 'guests'],
    ['guests', 'other', 'guests-1', 'guests-2'],
  ],
])('the headings %j are at %j', (headings, anchors) => {
  expect(anchorsOf(headings)).toEqual(anchors)
})

test.each([
  ['README.md', 'docs/guide/agents.md', '/docs/guide/agents.md'],
  ['README.md', 'guide/agents.md', '/docs/guide/agents.md'],
  ['README.md', 'PROTOCOL.md#joining', '/docs/PROTOCOL.md#joining'],
  ['README.md', './PROTOCOL.md', '/docs/PROTOCOL.md'],
  ['guide/agents.md', 'embedding.md#plug-in', '/docs/guide/embedding.md#plug-in'],
  ['guide/agents.md', '../PROTOCOL.md', '/docs/PROTOCOL.md'],
  ['guide/agents.md', '../../PROTOCOL.md', '/docs/PROTOCOL.md'],
  ['guide/agents.md', '../decisions/0001-a-room-is-a-log.md', '/docs/decisions/0001-a-room-is-a-log.md'],
  ['guide/agents.md', '/docs/PROTOCOL.md#joining', '/docs/PROTOCOL.md#joining'],
  ['performance.md', 'guide/operations.md#is-it-alive', '/docs/guide/operations.md#is-it-alive'],
  ['performance.md', '../PROTOCOL.md', '/docs/PROTOCOL.md'],
  ['guide/agents.md', '../performance.md', '/docs/performance.md'],
  ['guide/agents.md', '#claude', '#claude'],
  ['guide/agents.md', 'https://example.org/PROTOCOL.md', 'https://example.org/PROTOCOL.md'],
  ['README.md', 'mailto:ada@example.org', 'mailto:ada@example.org'],
])('in %s, %s leads to %s', (from, href, to) => {
  expect(linkFrom(from, href)).toBe(to)
})

test.each(['LICENSE', 'docs/decisions', 'packages/server/src/index.ts', '../../etc/passwd', 'guide/nothing.md'])(
  'a link to %s, which the server does not show, leads nowhere',
  (href) => {
    expect(linkFrom('README.md', href)).toBeUndefined()
    show(`see [there](${href}) and \`code\``)
    expect(screen.getByText('see there and', { exact: false }).querySelector('a')).toBeNull()
  },
)

test('pictures of the documentation are shown, others are told', () => {
  const page = show(
    '![late](charts/latency.svg) ![far](https://example.org/a.svg) ![out](../secret.svg)',
    'performance.md',
  )
  expect([...page.querySelectorAll('img')].map((img) => [img.getAttribute('src'), img.alt])).toEqual([
    ['/docs/charts/latency.svg', 'late'],
  ])
  expect(page.textContent).toContain('far')
  expect(pictureFrom('README.md', 'docs/charts/growth.svg')).toBe('/docs/charts/growth.svg')
})

test('a link to another document stays in the tab, one to the web opens beside it', () => {
  show('[joining](../PROTOCOL.md#joining) [below](#below) [elsewhere](https://example.org/)', 'guide/agents.md')
  const link = (name: string) => {
    const found = screen.getByRole('link', { name })
    return [found.getAttribute('href'), found.getAttribute('target')]
  }
  expect(link('joining')).toEqual(['/docs/PROTOCOL.md#joining', null])
  expect(link('below')).toEqual(['#below', null])
  expect(link('elsewhere')).toEqual(['https://example.org/', '_blank'])
})

test('two documents that follow each other have each its own links', () => {
  show('[agents](agents.md)', 'guide/clients.md')
  show('[agents](agents.md)', 'README.md')
  expect(screen.getAllByRole('link')).toHaveLength(1)
})

test('headings have the level and the place that the document gives them', () => {
  const page = show('# Title\n\n## `code` and **words**\n\n## Guests\n\n### Guests\n')
  const headings = [...page.querySelectorAll('h1,h2,h3')].map(({ tagName, id }) => [tagName, id])
  expect(headings).toEqual([
    ['H1', 'title'],
    ['H2', 'code-and-words'],
    ['H2', 'guests'],
    ['H3', 'guests-1'],
  ])
})

test('every document is in the list', () => {
  const listed = chapters.flatMap(({ documents }) => documents.map(({ path }) => `/docs/${path}`))
  expect(listed.sort()).toEqual(globSync(['*.md', 'docs/**/*.md'], { cwd: root }).map(urlOf).sort())
})

test('every place that the guide cites is on its page', async () => {
  const docs = await readDocs([root])
  const cited = sectionsOf(docs).map(({ source }) => source)
  expect(cited).toContain('/docs/PROTOCOL.md#joining')
  for (const { url, markdown } of docs) {
    const page = show(markdown, url.slice('/docs/'.length))
    const places = new Set([...page.querySelectorAll('[id]')].map(({ id }) => `${url}#${id}`))
    expect(cited.filter((source) => source.startsWith(`${url}#`) && !places.has(source))).toEqual([])
    cleanup()
  }
})

test('every link between the documents leads to a place that is there', async () => {
  const docs = await readDocs([root])
  const places = new Set(sectionsOf(docs).flatMap(({ source }) => [source, source.replace(/#.*/u, '')]))
  for (const { url, markdown } of docs) {
    const links = [...show(markdown, url.slice('/docs/'.length)).querySelectorAll('a:not([target])')]
    const targets = links.map((link) => link.getAttribute('href') ?? '')
    const wrong = targets.map((to) => (to.startsWith('#') ? url + to : to)).filter((to) => !places.has(to))
    expect([url, wrong]).toEqual([url, []])
    cleanup()
  }
})
