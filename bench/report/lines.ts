// How a figure grows with something: small charts beside each other, sizes by their powers of ten.
import { dot, line, picture, text } from './svg.ts'

export interface Panel {
  readonly title: string
  readonly points: readonly { readonly size: number; readonly value: number }[]
  readonly show: (value: number) => string
}

export interface LineChart {
  readonly title: string
  readonly subtitle: string
  readonly panels: readonly Panel[]
}

const COLUMNS = 2
const PANEL = { width: 370, height: 190, gap: 20 }
const TOP = 56
const PLOT = { left: 20, right: 40, top: 46, bottom: 34 }

export function lineChart({ title, subtitle, panels }: LineChart): string {
  const parts = [text(0, 18, title, 'title'), text(0, 38, subtitle, 'quiet')]
  for (const [index, panel] of panels.entries()) {
    const x = (index % COLUMNS) * (PANEL.width + PANEL.gap)
    const y = TOP + Math.floor(index / COLUMNS) * (PANEL.height + PANEL.gap)
    parts.push(...panelAt(panel, x, y))
  }
  const rows = Math.ceil(panels.length / COLUMNS)
  const width = COLUMNS * PANEL.width + PANEL.gap
  return picture(width, TOP + rows * (PANEL.height + PANEL.gap), `${title}. ${subtitle}`, parts)
}

function panelAt({ title, points, show }: Panel, x: number, y: number): readonly string[] {
  const width = PANEL.width - PLOT.left - PLOT.right
  const height = PANEL.height - PLOT.top - PLOT.bottom
  const powers = points.map(({ size }) => Math.log10(size))
  const [least, most] = [Math.min(...powers), Math.max(...powers)]
  const highest = Math.max(...points.map(({ value }) => value))
  const bottom = y + PLOT.top + height
  const placed = points.map(({ value }, index): readonly [number, number] => [
    x + PLOT.left + (((powers[index] ?? 0) - least) / Math.max(most - least, 1)) * width,
    bottom - (value / highest) * height,
  ])
  return [
    text(x, y + 20, title),
    line(
      [
        [x, bottom],
        [x + PANEL.width - PLOT.right / 2, bottom],
      ],
      'axis',
    ),
    line(placed, 'line'),
    ...placed.flatMap(([left, top], index) => [
      dot(left, top, 'ours'),
      text(left, top - 9, show(points[index]?.value ?? 0), 'middle'),
      text(left, bottom + 18, (points[index]?.size ?? 0).toLocaleString('en', { notation: 'compact' }), 'middle quiet'),
    ]),
  ]
}
