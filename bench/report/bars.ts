// One figure of all servers as bars, a block for each case. Each block has its own scale.
import { bar, picture, text } from './svg.ts'

export interface Block {
  readonly title: string
  readonly bars: readonly { readonly name: string; readonly value: number }[]
}

export interface BarChart {
  readonly title: string
  /** What the numbers are, and which are good. */
  readonly subtitle: string
  readonly blocks: readonly Block[]
  readonly show: (value: number) => string
}

const WIDTH = 760
const LEFT = 150
const RIGHT = 90
const TOP = 62
const BAR = 15
const STEP = 21
const HEAD = 30
const GAP = 18

export function barChart({ title, subtitle, blocks, show }: BarChart): string {
  const parts = [text(0, 18, title, 'title'), text(0, 38, subtitle, 'quiet')]
  let y = TOP
  for (const block of blocks) {
    parts.push(text(0, y + 12, block.title), ...barsOf(block, y + HEAD - 8, show))
    y += HEAD + block.bars.length * STEP + GAP
  }
  return picture(WIDTH, y, `${title}. ${subtitle}`, parts)
}

function barsOf({ bars }: Block, top: number, show: (value: number) => string): readonly string[] {
  const most = Math.max(...bars.map(({ value }) => value))
  return bars.flatMap(({ name, value }, index) => {
    const y = top + index * STEP
    const length = Math.max(1, (value / most) * (WIDTH - LEFT - RIGHT))
    const kind = name === 'Parley' ? 'ours' : 'theirs'
    return [
      text(LEFT - 10, y + 12, name, 'end'),
      bar(LEFT, y, length, BAR, kind),
      text(LEFT + length + 8, y + 12, show(value), 'quiet'),
    ]
  })
}
