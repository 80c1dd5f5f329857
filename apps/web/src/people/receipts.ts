// How far others have read: at which of one's own messages that is told.
import type { Message } from '@parley/protocol'

/** Ids of those who have read a message, by its key. Nobody: it is in the log, and that is all that is known. */
export type Receipts = ReadonlyMap<string, readonly string[]>

const none: Receipts = new Map()

/**
 * Told at the latest of one's own messages, and where somebody's reading stopped before: in between nobody learns
 * anything. `marks`: the seq up to which each has read, by user.
 */
export function receiptsOf(
  messages: readonly Message[],
  marks: ReadonlyMap<string, number>,
  me: string | undefined,
): Receipts {
  if (me === undefined) return none
  const receipts = new Map<string, readonly string[]>()
  let after = -1
  for (const { key, seq, supersededBy, redacted } of messages.filter(({ by }) => by.id === me).toReversed()) {
    if (supersededBy !== undefined || redacted === true) continue
    const seen = [...marks].filter(([user, mark]) => user !== me && mark >= seq).map(([user]) => user)
    // Who has read a later one has read this one too.
    if (seen.length > after) receipts.set(key, seen)
    after = Math.max(after, seen.length)
  }
  return receipts
}
