// Who may call a message critical: those who manage the room. What others call so is of high priority.
import type { RoomId } from '@parley/protocol'
import type { Access, Actor } from '../seams/access.ts'
import type { Posted } from './callings.ts'

/** The posts as they may be said. A promise only where one of them is critical. */
export function weighed(
  access: Access,
  actor: Actor,
  room: RoomId,
  posts: readonly Posted[],
): readonly Posted[] | Promise<readonly Posted[]> {
  return posts.some(({ fact }) => fact.priority === 0) ? weigh(access, actor, room, posts) : posts
}

async function weigh(access: Access, actor: Actor, room: RoomId, posts: readonly Posted[]): Promise<readonly Posted[]> {
  if (await access.permit(actor, 'manage', room)) return posts
  return posts.map((post) => (post.fact.priority === 0 ? { ...post, fact: { ...post.fact, priority: 1 } } : post))
}
