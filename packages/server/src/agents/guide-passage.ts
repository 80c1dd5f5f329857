// As much of a section as fits: whole where it can be, else the blocks that speak of what was asked.
import type { Section } from './guide-sections.ts'
import { stemOf, tokensOf } from './guide-words.ts'

const MANY_ROWS = 6
const FEW_ROWS = 4

/** Markdown of about `limit` characters at most, never cut within a word, a table row or a line of code. */
export function passageOf(section: Section, stems: ReadonlySet<string>, limit: number): string {
  const blocks = section.blocks.map((block) => rowsAbout(block, stems))
  const chosen = new Set<number>()
  let room = limit
  for (const index of byWorth(blocks, stems)) {
    const length = blocks[index]?.length ?? 0
    if (length > room && chosen.size > 0) continue
    chosen.add(index)
    room -= length
  }
  let last = -1
  const pieces: string[] = []
  for (const [index, block] of blocks.entries()) {
    if (!chosen.has(index)) continue
    if (index > last + 1) pieces.push('…')
    pieces.push(shortened(block, limit))
    last = index
  }
  if (last < blocks.length - 1) pieces.push('…')
  return pieces.join('\n\n')
}

/** The first block tells what the section is about; after it, those that mention most, in order where they are even. */
function byWorth(blocks: readonly string[], stems: ReadonlySet<string>): number[] {
  const worth = blocks.map((block, index) => mentioned(block, stems) + (index === 0 ? 2 : 0))
  return blocks.map((_, index) => index).sort((a, b) => (worth[b] ?? 0) - (worth[a] ?? 0) || a - b)
}

/** A long table of which a few rows say most of what was asked is shown as those rows. */
function rowsAbout(block: string, stems: ReadonlySet<string>): string {
  const [head = '', rule = '', ...rows] = block.split('\n')
  if (rows.length < MANY_ROWS || !/^\|[\s:|-]+\|$/.test(rule)) return block
  const hits = rows.map((row) => mentioned(row, stems))
  const most = Math.max(...hits)
  const few = rows.filter((_, index) => hits[index] === most)
  return most === 0 || few.length > FEW_ROWS ? block : [head, rule, ...few, '', '…'].join('\n')
}

/** A block that is too long by itself loses its last lines, or the last words of its only line. */
function shortened(block: string, limit: number): string {
  if (block.length <= limit) return block
  const lines = block.split('\n')
  if (lines.length === 1) return `${block.slice(0, block.lastIndexOf(' ', limit))} …`
  const kept: string[] = []
  let length = 0
  for (const line of lines) {
    length += line.length + 1
    if (length > limit) break
    kept.push(line)
  }
  const fence = lines[0]?.match(/^[ \t]*(`{3,}|~{3,})/)?.[1]
  return [...kept, ...(fence === undefined ? [] : [fence]), '', '…'].join('\n')
}

/** How many of the stems a text has. */
function mentioned(text: string, stems: ReadonlySet<string>): number {
  const own = new Set(tokensOf(text).map(stemOf))
  return [...stems].filter((stem) => own.has(stem)).length
}
