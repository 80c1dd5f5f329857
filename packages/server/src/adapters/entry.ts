// A draft taken apart into what a log needs to know of it, so that no store has to look inside a fact.
import { authorOf, isGrowth, type Standing, spanUse, standingOf } from '@parley/protocol'
import type { Draft, Holding } from '../seams/log.ts'
import { contentOf, filesOf } from './content.ts'

export interface Entry {
  /** Who, and how they looked at that moment: the JSON of an `Author`. */
  readonly by: string
  readonly author: string
  readonly id: string | undefined
  /** The JSON of the fact. */
  readonly fact: string
  /** Of an agent's or the system's facts the first version stands; a user's repeat must say the same. */
  readonly firstWins: boolean
  /** Disposable once the span that it lies within is closed. */
  readonly growth: boolean
  readonly opens: string | undefined
  readonly closes: string | undefined
  readonly within: string | undefined
  readonly retakes: string | undefined
  readonly holding: Holding | undefined
  readonly follows: boolean
  /** What it tells the state of, whole. */
  readonly standing: Standing | undefined
  /** Seq of the one that it was made from, 0 for none; undefined where that does not matter. */
  readonly after: number | undefined
  /** Key of the message that it holds content of, or begins. */
  readonly content: string | undefined
  /** True for a message that is said as a whole: what was removed before is none of its business. */
  readonly posts: boolean
  /** Key of the message whose content it removes. */
  readonly redacts: string | undefined
  /** Ids of the files that it holds. */
  readonly files: readonly string[]
}

export function entryOf({ by, id, fact, holding, follows = false, after }: Draft): Entry {
  const { opens, closes, within, retakes } = spanUse(fact)
  const growth = isGrowth(fact)
  return {
    by: JSON.stringify(authorOf(by)),
    author: by.id,
    id: growth ? undefined : id,
    fact: JSON.stringify(fact),
    firstWins: by.kind !== 'user',
    growth,
    opens,
    closes,
    within,
    retakes,
    holding,
    follows,
    standing: standingOf(fact),
    after,
    content: contentOf(by.id, id, fact),
    posts: fact.type === 'message.posted',
    redacts: fact.type === 'message.redacted' ? fact.message : undefined,
    files: filesOf(fact),
  }
}
