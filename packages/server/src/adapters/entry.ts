// A draft taken apart into what a log needs to know of it, so that no store has to look inside a fact.
import { type Author, spanUse } from '@parley/protocol'
import type { Draft } from '../seams/log.ts'

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
}

export function entryOf({ by, id, fact }: Draft): Entry {
  const { opens, closes, within } = spanUse(fact)
  const growth = fact.type === 'message.grew'
  return {
    by: JSON.stringify(plainAuthor(by)),
    author: by.id,
    id: growth ? undefined : id,
    fact: JSON.stringify(fact),
    firstWins: by.kind !== 'user',
    growth,
    opens,
    closes,
    within,
  }
}

/** The author and nothing else: whoever appends may know more about them than a log should keep. */
export function plainAuthor({ id, kind, name }: Author): Author {
  return name === undefined ? { id, kind } : { id, kind, name }
}
