// What was found, as it is kept.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Column, Figures, Scale } from '../work.ts'

/** One server at one case. */
export interface Row {
  readonly subject: string
  /** Of each, the median of the rounds. */
  readonly figures: Figures
  readonly rounds: readonly Figures[]
  /** Why there are none. */
  readonly failed?: string
}

export interface CaseResult {
  readonly title: string
  readonly rows: readonly Row[]
}

export interface WorkResult {
  readonly name: string
  readonly title: string
  readonly about: string
  readonly columns: readonly Column[]
  readonly compares?: string
  /** ISO 8601. */
  readonly measuredAt: string
  /** Of Parley, at that time. */
  readonly version: string
  readonly scale: Scale['name']
  readonly cases: readonly CaseResult[]
}

interface Machine {
  readonly name: string
  /** Whether server and generator each had a core of their own. */
  readonly pinned: boolean
}

export interface Results {
  readonly machine: Machine
  /** By server. */
  readonly versions: Readonly<Record<string, string>>
  readonly works: readonly WorkResult[]
}

const fileOf = (scale: Scale['name']): string =>
  fileURLToPath(new URL(`../results/${scale === 'quick' ? 'quick' : 'standard'}.json`, import.meta.url))

/** Undefined where nothing is kept yet. */
export function readResults(scale: Scale['name']): Results | undefined {
  const file = fileOf(scale)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}

/** Keeps what is new, and of the same machine what was kept of other works; `order` are the names of all works. */
export function keepResults(fresh: Results, scale: Scale['name'], order: readonly string[]): Results {
  const kept = readResults(scale)
  const older = kept?.machine.name === fresh.machine.name ? kept.works : []
  const works = order.flatMap((name) => [...fresh.works, ...older].find((work) => work.name === name) ?? [])
  const versions = { ...(older.length > 0 ? kept?.versions : {}), ...fresh.versions }
  const results = { ...fresh, versions, works }
  const file = fileOf(scale)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`)
  return results
}

/** Of each figure the one in the middle. */
export function medians(rounds: readonly Figures[]): Figures {
  const names = Object.keys(rounds[0] ?? {})
  return Object.fromEntries(names.map((name) => [name, median(rounds.map((figures) => figures[name] ?? Number.NaN))]))
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}
