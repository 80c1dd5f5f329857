// An event in memory, with what the rules of logs ask about it.
import type { Event } from '@parley/protocol'
import type { New } from './admit.ts'
import { blank } from './content.ts'
import type { Entry } from './entry.ts'

export interface Row {
  readonly event: Event
  readonly entry: Entry
  readonly seq: number
  readonly at: number
  /** Grows with time over all rooms. */
  readonly place: number
  /** The JSON of the fact, and its length. */
  readonly fact: string
  readonly bytes: number
  readonly calm: number
  /** For growth: seq of the event that opened its span. */
  readonly growthOf: number | undefined
}

/** What was said is kept as a store would keep it: as JSON, so that nobody shares an object with the log. */
export function rowOf({ entry, seq, calm, span }: New, at: number, place: number): Row {
  const { by, id, fact, growth } = entry
  const said = { seq, at, by: JSON.parse(by) }
  const event: Event = id === undefined ? { ...said, fact: JSON.parse(fact) } : { ...said, id, fact: JSON.parse(fact) }
  const growthOf = growth ? span : undefined
  return { event, entry, seq, at, place, fact, bytes: Buffer.byteLength(fact), calm, growthOf }
}

/** The row without what was said. */
export function blankRow(row: Row): Row {
  const event = { ...row.event, fact: blank(row.event.fact) }
  const fact = JSON.stringify(event.fact)
  return { ...row, event, entry: { ...row.entry, fact }, fact, bytes: Buffer.byteLength(fact) }
}
