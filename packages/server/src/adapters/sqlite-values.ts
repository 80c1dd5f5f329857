// The door through which rows and errors of SQLite come in.
import type { SQLOutputValue } from 'node:sqlite'

export type Row = Record<string, SQLOutputValue>

export function int(value: SQLOutputValue | undefined): number {
  if (typeof value !== 'number') throw new Error('the log holds something else where a number belongs')
  return value
}

export function text(value: SQLOutputValue | undefined): string {
  if (typeof value !== 'string') throw new Error('the log holds something else where a text belongs')
  return value
}

export function maybeText(value: SQLOutputValue | undefined): string | undefined {
  return value === null ? undefined : text(value)
}

/** SQLite's primary result codes, as far as they matter here. */
export const SQLITE = {
  busy: 5,
  locked: 6,
  noMemory: 7,
  readOnly: 8,
  io: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const

/** The primary result code of an error from SQLite. */
export function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined
  return error.errcode & 0xff
}

const weather: ReadonlySet<number | undefined> = new Set([
  SQLITE.busy,
  SQLITE.locked,
  SQLITE.noMemory,
  SQLITE.readOnly,
  SQLITE.io,
  SQLITE.full,
  SQLITE.cannotOpen,
])

/** Whether the store cannot do it at present, but may do it later: a full disk, an I/O error. */
export function isWeather(error: unknown): boolean {
  return weather.has(resultCode(error))
}
