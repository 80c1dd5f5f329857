// The parts of the bench that decide what its numbers mean: stamps, frames, quantiles, tables.
import { expect, test } from 'vitest'
import { eachFrame, masked } from '../bench/generator/frame.ts'
import { Histogram } from '../bench/generator/histogram.ts'
import { eachStamp, stamped } from '../bench/generator/stamp.ts'
import { optionsFrom } from '../bench/options.ts'
import { median, medians } from '../bench/report/results.ts'
import { tablesOf } from '../bench/report/table.ts'
import { works } from '../bench/works/index.ts'

function stampsIn(text: string, to = text.length): readonly number[] {
  const found: number[] = []
  eachStamp(Buffer.from(`${text}~`), 0, to, (at) => found.push(at))
  return found
}

test('every whole stamp in a text is found, and nothing that only looks like one', () => {
  const [first, second] = [stamped(1_795_790_968_518_123, 60), stamped(7, 40)]
  expect(stampsIn(`{"a":"${first}","b":"${second}"}`)).toEqual([1_795_790_968_518_123, 7])
  expect(stampsIn('~T00000000000000zz ~~T ~Tnothing')).toEqual([])
  expect(stampsIn(first, 17)).toEqual([])
})

test('frames are found whole, whatever their length, and the beginning of another is left', () => {
  const texts = [5, 125, 126, 65_535, 65_536].map((length) => 'x'.repeat(length))
  const wire = Buffer.concat([...texts.map(unmasked), unmasked('cut').subarray(0, 3)])
  const found: number[] = []
  const rest = eachFrame(wire, 0, wire.length, (opcode, from, to) => found.push(opcode, to - from))
  expect(found).toEqual(texts.flatMap(({ length }) => [1, length]))
  expect(rest).toBe(wire.length - 3)
})

/** As a server writes it: what a client would write, without its mask. */
function unmasked(text: string): Buffer {
  const frame = masked(1, text)
  const head = frame.length - text.length - 4
  frame[1] = (frame[1] ?? 0) & 0x7f
  return Buffer.concat([frame.subarray(0, head), Buffer.from(text)])
}

test('a masked frame holds its text under its mask', () => {
  const frame = masked(1, 'hello')
  const mask = frame.subarray(2, 6)
  expect(Buffer.from(frame.subarray(6).map((byte, index) => byte ^ (mask[index % 4] ?? 0))).toString()).toBe('hello')
})

test('quantiles are exact for small numbers and near for large ones', () => {
  const histogram = new Histogram()
  for (let number = 0; number < 100; number += 1) histogram.add(number)
  expect(histogram.quantile(0.5)).toBe(50)
  expect(histogram.quantile(0.99)).toBe(99)
  histogram.clear()
  histogram.add(1_000_000)
  expect(Math.abs(histogram.quantile(0.5) / 1_000_000 - 1)).toBeLessThan(0.01)
})

test('of the rounds the median counts, figure by figure', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(
    medians([
      { a: 1, b: 9 },
      { a: 5, b: 8 },
      { a: 3, b: 7 },
    ]),
  ).toEqual({ a: 3, b: 8 })
})

test('a comparison says how Parley does beside each of the others', () => {
  const rows = ['Parley', 'ws'].map((subject, index) => ({ subject, figures: { cost: index + 1 }, rounds: [] }))
  const columns = [{ figure: 'cost', title: 'CPU', digits: 1 }]
  expect(tablesOf({ columns, compares: 'cost', cases: [{ title: 'small', rows }] })).toEqual([
    {
      header: ['small', 'CPU', 'Parley ÷ it'],
      rows: [
        ['Parley', '1.0', ''],
        ['ws', '2.0', '0.50'],
      ],
    },
  ])
})

test('a work that does not exist is refused by its name', () => {
  expect(() => optionsFrom(['fan-in'], works)).toThrow('no work is called fan-in')
  expect(optionsFrom(['--quick', 'fan-out'], works)).toEqual({ scale: 'quick', profile: false, names: ['fan-out'] })
})
