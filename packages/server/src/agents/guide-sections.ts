// Markdown, cut into the sections under its headings: what the guide finds, quotes and cites.
import { posix } from 'node:path'
import { type Doc, urlOf } from './guide-docs.ts'

export interface Section {
  /** Where it can be read: `/docs/PROTOCOL.md#joining`. */
  readonly source: string
  /** The headings above it and its own, from the document's title down. */
  readonly trail: readonly string[]
  /** Paragraphs, lists, tables and code, in order; never empty. Their links work from anywhere on the server. */
  readonly blocks: readonly string[]
}

const HEADING = /^(#{1,6})[ \t]+(.*?)[ \t]*#*$/
const FENCE = /^[ \t]*(`{3,}|~{3,})/
const LINK = /\[([^\]]*)\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g

/** The sections of all documents that have anything to read, in order. */
export function sectionsOf(docs: readonly Doc[]): Section[] {
  const urls = new Set(docs.map(({ url }) => url))
  return docs.flatMap((doc) => sectionsIn(doc, urls))
}

/** The sections of one document; links to the documents at `urls` are kept. */
export function sectionsIn(doc: Doc, urls: ReadonlySet<string>): Section[] {
  const sections: Section[] = []
  const anchors = new Map<string, number>()
  const above: string[] = []
  let open: { source: string; trail: string[]; lines: string[] } = { source: doc.url, trail: [doc.file], lines: [] }
  const close = (): void => {
    const blocks = blocksOf(open.lines).map((block) => relinked(block, doc, urls))
    if (blocks.length > 0) sections.push({ source: open.source, trail: open.trail, blocks })
  }
  let fence = ''
  for (const line of doc.markdown.split(/\r?\n/)) {
    fence = fenceAfter(line, fence)
    const heading = fence === '' ? line.match(HEADING) : null
    if (heading === null) {
      open.lines.push(line)
      continue
    }
    close()
    const [, hashes = '', words = ''] = heading
    const title = plain(words)
    above.length = Math.min(above.length, hashes.length - 1)
    above[hashes.length - 1] = title
    const trail = above.filter((words) => words !== undefined)
    open = { source: `${doc.url}#${anchorOf(title, anchors)}`, trail, lines: [] }
  }
  close()
  return sections
}

/** The mark of the code that is open after this line, given what was before it; empty outside of code. */
export function fenceAfter(line: string, fence: string): string {
  const mark = line.match(FENCE)?.[1]
  if (mark === undefined) return fence
  if (fence === '') return mark
  return mark.startsWith(fence) ? '' : fence
}

/** As GitHub makes them: a heading that was there before gets a number. */
function anchorOf(title: string, taken: Map<string, number>): string {
  const anchor = title
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-')
  const times = taken.get(anchor) ?? 0
  taken.set(anchor, times + 1)
  return times === 0 ? anchor : `${anchor}-${times}`
}

/** What stands between blank lines; code keeps its own. */
function blocksOf(lines: readonly string[]): string[] {
  const blocks: string[][] = [[]]
  let fence = ''
  for (const line of lines) {
    fence = fenceAfter(line, fence)
    if (line.trim() === '' && fence === '') blocks.push([])
    else blocks.at(-1)?.push(line)
  }
  return blocks.map((block) => block.join('\n')).filter((block) => block.trim() !== '' && !block.startsWith('<!--'))
}

/** Links that lead on from wherever the block is quoted; pictures and links that lead out of the documentation become words. */
function relinked(block: string, doc: Doc, urls: ReadonlySet<string>): string {
  if (FENCE.test(block)) return block
  return block.replace(/!\[([^\]]*)\]\([^)]*\)/g, '$1').replace(LINK, (whole, words: string, target: string) => {
    if (/^[a-z][a-z+.-]*:/i.test(target)) return whole
    const [path = '', anchor] = target.split('#')
    const url = path === '' ? doc.url : urlOf(posix.join(posix.dirname(doc.file), path))
    return urls.has(url) ? `[${words}](${url}${anchor === undefined ? '' : `#${anchor}`})` : words
  })
}

function plain(words: string): string {
  return words.replace(LINK, '$1').replace(/[`*]/g, '')
}
