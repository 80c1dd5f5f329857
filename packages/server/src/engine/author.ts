// An actor as others see them.
import type { Author } from '@parley/protocol'

/** The author and nothing else: an actor's grants and claims are their own affair. */
export function authorOf({ id, kind, name }: Author): Author {
  return name === undefined ? { id, kind } : { id, kind, name }
}
