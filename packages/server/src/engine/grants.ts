// Whom a room is open to, besides what access permits.
import type { RoomId } from '@parley/protocol'
import type { Actor } from '../seams/access.ts'

/** A session room is its owner's alone, but for those whose token names it by its whole id. */
export function isOpenTo(
  actor: Actor,
  { id, owner }: { readonly id: RoomId; readonly owner: string | undefined },
): boolean {
  return owner === undefined || owner === actor.id || actor.grants?.some((grant) => grant.room === id) === true
}
