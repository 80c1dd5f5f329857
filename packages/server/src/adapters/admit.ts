// The rules of an append, the same for every log: what is a repeat, what is refused, and which seq each new fact gets. Pure.
import { isDeepStrictEqual } from 'node:util'
import type { ProblemCode } from '@parley/protocol'
import type { Entry } from './entry.ts'

/** How a room stands between two appends. */
export interface Standing {
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
  readonly standing: Standing
}

/** A refusal before it is thrown: it may have to cross a thread first. */
export interface Refused {
  readonly refused: ProblemCode
  readonly message: string
}

/** Decides about all entries as one. `find` looks up what its author appended under the entry's id before. */
export function admit<Known extends { readonly fact: string }>(
  entries: readonly Entry[],
  standing: Standing,
  find: (entry: Entry) => Known | undefined,
): Plan<Known> | Refused {
  let { head, calm } = standing
  let open = standing.open
  const verdicts: Verdict<Known>[] = []
  /** Whether the last entry that follows none is new. */
  let leads = true
  for (const entry of entries) {
    if (entry.follows && !leads) {
      verdicts.push({ is: 'left out' })
      continue
    }
    const twin = verdicts.find((verdict) => isTwin(verdict, entry))
    const known = twin !== undefined || entry.id === undefined ? undefined : find(entry)
    const earlier = twin?.entry ?? known
    if (earlier !== undefined && !entry.firstWins && !sameFact(earlier.fact, entry.fact)) return conflict(entry)
    if (twin !== undefined) verdicts.push({ is: 'twin', of: twin })
    if (known !== undefined) verdicts.push({ is: 'repeat', of: known })
    if (!entry.follows) leads = earlier === undefined
    if (earlier !== undefined) continue
    const { opens, closes, within, retakes, holding } = entry
    const needed = closes ?? within ?? retakes
    const span = needed === undefined ? undefined : open.get(needed)
    if (needed !== undefined && span === undefined) return { refused: 'run.over', message: `${needed} is not open` }
    if (holding !== undefined && open.get(holding.span) !== holding.since)
      return { refused: 'run.over', message: `${holding.span} is held by another` }
    if (opens !== undefined && open.has(opens)) return { refused: 'id.conflict', message: `${opens} is open already` }
    head += 1
    const begins = opens ?? retakes
    if (begins !== undefined) open = new Map(open).set(begins, head)
    if (closes !== undefined) open = without(open, closes)
    if (open.size === 0) calm = head
    verdicts.push({ is: 'new', entry, seq: head, calm, span })
  }
  return { verdicts, standing: { head, calm, open } }
}

function isTwin<Known>(verdict: Verdict<Known>, { author, id }: Entry): verdict is New {
  return verdict.is === 'new' && id !== undefined && verdict.entry.id === id && verdict.entry.author === author
}

function without(open: ReadonlyMap<string, number>, key: string): ReadonlyMap<string, number> {
  const rest = new Map(open)
  rest.delete(key)
  return rest
}

/** A client that sends again may have written the keys in another order. */
function sameFact(one: string, other: string): boolean {
  return one === other || isDeepStrictEqual(JSON.parse(one), JSON.parse(other))
}

function conflict({ id }: Entry): Refused {
  return { refused: 'id.conflict', message: `the id ${id} was used for other content` }
}
