// The rules of an append, the same for every log: what is a repeat, what is refused, and which seq each new fact gets. Pure.
import { isDeepStrictEqual } from 'node:util'
import type { Fact, ProblemCode } from '@parley/protocol'
import { blank } from './content.ts'
import type { Entry } from './entry.ts'

/** How a room stands between two appends. */
export interface State {
  readonly head: number
  /** The last seq at which no span was open. A page may begin and a horizon may lie there, or at a later such seq. */
  readonly calm: number
  /** The open spans, with the seq that opened each. */
  readonly open: ReadonlyMap<string, number>
}

export interface New {
  readonly is: 'new'
  readonly entry: Entry
  readonly seq: number
  /** The room's calm seq after it. */
  readonly calm: number
  /** Seq that opened the span which this one closes or lies within. */
  readonly span: number | undefined
}

/** What becomes of one entry: it is new, it was appended earlier, the same call holds it already, or it follows a repeat. */
export type Verdict<Known> =
  | New
  | { readonly is: 'repeat'; readonly of: Known }
  | { readonly is: 'twin'; readonly of: New }
  | { readonly is: 'left out' }

export interface Plan<Known> {
  readonly verdicts: readonly Verdict<Known>[]
  readonly state: State
}

/** What a room remembers from before. */
export interface Recall<Known> {
  /** What its author appended under the entry's id. */
  find(entry: Entry): Known | undefined
  /** Seq of the latest that tells how this stands; 0 when there is none. */
  latest(key: string): number
  /** Whether the room knows this file. */
  hasFile(id: string): boolean
}

/** A refusal before it is thrown: it may have to cross a thread first. */
export interface Refused {
  readonly refused: ProblemCode
  readonly message: string
}

/** Decides about all entries as one. */
export function admit<Known extends { readonly fact: string }>(
  entries: readonly Entry[],
  state: State,
  recall: Recall<Known>,
): Plan<Known> | Refused {
  let { head, calm } = state
  let open = state.open
  const latest = new Map<string, number>()
  const verdicts: Verdict<Known>[] = []
  /** Whether the last entry that follows none is new. */
  let leads = true
  for (const entry of entries) {
    if (entry.follows && !leads) {
      verdicts.push({ is: 'left out' })
      continue
    }
    const twin = verdicts.find((verdict) => isTwin(verdict, entry))
    const known = twin !== undefined || entry.id === undefined ? undefined : recall.find(entry)
    const earlier = twin?.entry ?? known
    if (earlier !== undefined && !entry.firstWins && !sameFact(earlier.fact, entry.fact)) return conflict(entry)
    if (twin !== undefined) verdicts.push({ is: 'twin', of: twin })
    if (known !== undefined) verdicts.push({ is: 'repeat', of: known })
    if (!entry.follows) leads = earlier === undefined
    if (earlier !== undefined) continue
    const { opens, closes, within, retakes, holding, standing, after, files } = entry
    const missing = files.find((id) => !recall.hasFile(id))
    if (missing !== undefined) return { refused: 'attachment.unknown', message: `no file ${missing} is kept here` }
    const needed = closes ?? within ?? retakes
    const span = needed === undefined ? undefined : open.get(needed)
    if (needed !== undefined && span === undefined) return { refused: 'run.over', message: `${needed} is not open` }
    if (holding !== undefined && open.get(holding.span) !== holding.since)
      return { refused: 'run.over', message: `${holding.span} is held by another` }
    if (opens !== undefined && open.has(opens)) return { refused: 'id.conflict', message: `${opens} is open already` }
    if (standing !== undefined && after !== undefined) {
      if (after !== (latest.get(standing.key) ?? recall.latest(standing.key)))
        return { refused: 'id.conflict', message: `${standing.key} has changed meanwhile` }
    }
    head += 1
    if (standing !== undefined) latest.set(standing.key, head)
    const begins = opens ?? retakes
    if (begins !== undefined) open = new Map(open).set(begins, head)
    if (closes !== undefined) open = without(open, closes)
    if (open.size === 0) calm = head
    verdicts.push({ is: 'new', entry, seq: head, calm, span })
  }
  return { verdicts, state: { head, calm, open } }
}

function isTwin<Known>(verdict: Verdict<Known>, { author, id }: Entry): verdict is New {
  return verdict.is === 'new' && id !== undefined && verdict.entry.id === id && verdict.entry.author === author
}

function without(open: ReadonlyMap<string, number>, key: string): ReadonlyMap<string, number> {
  const rest = new Map(open)
  rest.delete(key)
  return rest
}

/** A client that sends again may have written the keys in another order, and what it said may have been removed since. */
function sameFact(known: string, again: string): boolean {
  if (known === again) return true
  const was: Fact = JSON.parse(known)
  const is: Fact = JSON.parse(again)
  return isDeepStrictEqual(was, is) || isDeepStrictEqual(was, blank(is))
}

function conflict({ id }: Entry): Refused {
  return { refused: 'id.conflict', message: `the id ${id} was used for other content` }
}
