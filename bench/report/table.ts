// Results as tables: of cells first, then as text for a terminal or as Markdown.
import type { Column } from '../work.ts'
import type { CaseResult, Row, WorkResult } from './results.ts'

export interface Table {
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

type Shown = Pick<WorkResult, 'columns' | 'compares' | 'cases'>

const OURS = 'Parley'
const RATIO = 'Parley ÷ it'

/** Whether several servers are measured: then each case has a table of its own. */
export function isComparison({ cases }: Pick<Shown, 'cases'>): boolean {
  return cases.some(({ rows }) => rows.length > 1)
}

export function tablesOf(work: Shown): readonly Table[] {
  const { columns, compares, cases } = work
  const titles = columns.map(({ title }) => title)
  if (!isComparison(work)) {
    const rows = cases.flatMap((one) => one.rows.map((row) => [one.title, ...cells(row, columns)]))
    return [{ header: ['', ...titles], rows }]
  }
  return cases.map(({ title, rows }) => ({
    header: [title, ...titles, ...(compares === undefined ? [] : [RATIO])],
    rows: rows.map((row) => [row.subject, ...cells(row, columns), ...ratios(rows, row, compares)]),
  }))
}

function cells({ figures, failed }: Row, columns: readonly Column[]): readonly string[] {
  if (failed !== undefined) return columns.map((_, index) => (index === 0 ? failed : ''))
  return columns.map(({ figure, digits }) => numeral(figures[figure], digits))
}

function ratios(rows: CaseResult['rows'], row: Row, compares: string | undefined): readonly string[] {
  if (compares === undefined) return []
  const ours = rows.find(({ subject }) => subject === OURS)
  if (row === ours) return ['']
  return [numeral((ours?.figures[compares] ?? Number.NaN) / (row.figures[compares] ?? Number.NaN), 2)]
}

export function numeral(value: number | undefined | null, digits: number): string {
  if (value === undefined || value === null || !Number.isFinite(value)) return '–'
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** Columns of the same width, numbers to the right. */
export function asText({ header, rows }: Table): string {
  const all = [header, ...rows]
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  const placed = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
  return all.map((row) => `  ${row.map(placed).join('   ')}`.trimEnd()).join('\n')
}

export function asMarkdown({ header, rows }: Table): string {
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`
  const rule = header.map((_, column) => (column === 0 ? '---' : '---:'))
  return [line(header), `|${rule.join('|')}|`, ...rows.map(line)].join('\n')
}
