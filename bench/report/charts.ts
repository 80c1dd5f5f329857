// The charts of the documentation, from what was found.
import { type BarChart, type Block, barChart } from './bars.ts'
import { type LineChart, lineChart, type Panel } from './lines.ts'
import type { Results, WorkResult } from './results.ts'
import { numeral } from './table.ts'

export interface Chart {
  /** Name of its file. */
  readonly file: string
  readonly title: string
  readonly svg: string
}

/** Those of which there is something to show. */
export function chartsOf({ works }: Results): readonly Chart[] {
  const workOf = (name: string): WorkResult | undefined => works.find((work) => work.name === name)
  /** A figure of all cases of some works. */
  const blocks = (figure: string, ...names: readonly string[]): readonly Block[] =>
    names.flatMap((name) => blocksOf(workOf(name), figure))
  const panel = (name: string, figure: string, title: string, digits: number): readonly Panel[] =>
    panelOf(workOf(name), figure, title, digits)

  const bars: readonly (BarChart & { readonly file: string })[] = [
    {
      file: 'delivery-cost.svg',
      title: 'What a delivered message costs the server',
      subtitle: 'Microseconds of CPU; less is better. Parley keeps every message on the disk, the others keep none.',
      blocks: blocks('cpuMicros', 'fan-out', 'rooms', 'streams', 'ack'),
      show: (value) => `${numeral(value, value < 10 ? 1 : 0)} µs`,
    },
    {
      file: 'latency.svg',
      title: 'How late a delivery is, at a rate that uses half a core in Parley',
      subtitle: 'Milliseconds within which 99 % of the messages are there; less is better.',
      blocks: blocks('p99Ms', 'half-load'),
      show: (value) => `${numeral(value, 1)} ms`,
    },
    {
      file: 'connections.svg',
      title: 'What a connection costs that does nothing',
      subtitle: 'Kilobytes of resident memory; less is better.',
      blocks: blocks('bytes', 'idle'),
      show: (value) => `${numeral(value / 1e3, 1)} kB`,
    },
    {
      file: 'coming-in.svg',
      title: 'What it costs to come in',
      subtitle: 'Microseconds of CPU; less is better. Only Parley checks a token and tells a past.',
      blocks: blocks('cpuMicros', 'handshake'),
      show: (value) => `${numeral(value, 0)} µs`,
    },
  ]
  const growth: LineChart = {
    title: 'How costs grow',
    subtitle: 'Microseconds of CPU, by how much there is.',
    panels: [
      ...panel('growth-members', 'cpuMicros', 'a delivery, by members of the room', 1),
      ...panel('growth-rooms', 'cpuMicros', 'a post, by open rooms', 0),
      ...panel('growth-log', 'postMicros', 'a post, by events in the log', 0),
      ...panel('growth-log', 'joinMicros', 'a join, by events in the log', 0),
      ...panel('growth-log', 'pageMicros', 'a page of history, by events in the log', 0),
    ],
  }
  return [
    ...bars.filter((chart) => chart.blocks.length > 0).map((chart) => ({ ...chart, svg: barChart(chart) })),
    ...(growth.panels.length === 0 ? [] : [{ file: 'growth.svg', title: growth.title, svg: lineChart(growth) }]),
  ]
}

function blocksOf(work: WorkResult | undefined, figure: string): readonly Block[] {
  if (work === undefined) return []
  return work.cases.map(({ title, rows }) => ({
    title: work.cases.length === 1 ? work.title : `${work.title}: ${title}`,
    bars: rows.flatMap(({ subject, figures }) => {
      const value = figures[figure]
      return typeof value === 'number' ? [{ name: subject, value }] : []
    }),
  }))
}

/** The size of a case is the number that its title begins with. */
function panelOf(work: WorkResult | undefined, figure: string, title: string, digits: number): readonly Panel[] {
  const points = (work?.cases ?? []).flatMap((one) => {
    const value = one.rows[0]?.figures[figure]
    const size = Number.parseInt(one.title.replaceAll(',', ''), 10)
    return typeof value === 'number' ? [{ size, value }] : []
  })
  return points.length < 2 ? [] : [{ title, points, show: (value) => numeral(value, digits) }]
}
