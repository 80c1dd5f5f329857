// Where posts are kept until it is known that they arrived, so that they outlive a refresh.
import { isFields, isProblem, parseCommand } from '@parley/protocol'
import { areParts } from './facts.ts'
import type { Said } from './pending.ts'

/** A post as a store keeps it. */
export interface Kept extends Said {
  /** Greater than that of what the user said before. */
  readonly order: number
}

/**
 * A place for posts, by the id of the user who said them. A store may be shared by several clients (tabs) of one user:
 * each may send what another kept, which is harmless, for the id is the same.
 */
export interface OutboxStore {
  /** All that is kept for the user, in any order. */
  load(user: string): readonly Kept[]
  /** Keeps the post, instead of an earlier state of the same one. May throw when there is no room. */
  keep(user: string, post: Kept): void
  drop(user: string, post: Said): void
}

/** Outlives the client, not the process. */
export function memoryOutbox(): OutboxStore {
  const users = new Map<string, Map<string, Kept>>()
  return {
    load: (user) => [...(users.get(user)?.values() ?? [])],
    keep(user, post) {
      const posts = users.get(user) ?? new Map<string, Kept>()
      users.set(user, posts.set(nameOf(post), post))
    },
    drop: (user, post) => void users.get(user)?.delete(nameOf(post)),
  }
}

/** What `browserOutbox` needs of `localStorage`. */
export type TextStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>

/** Outlives the page: one item per post, so that tabs do not overwrite each other. `url` is the server's. */
export function browserOutbox(storage: TextStorage, url: string): OutboxStore {
  const prefixOf = (user: string): string => `parley:outbox:${encodeURIComponent(url)}:${encodeURIComponent(user)}:`
  return {
    load(user) {
      const prefix = prefixOf(user)
      const names = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '')
      return names.filter((name) => name.startsWith(prefix)).flatMap((name) => read(storage.getItem(name)))
    },
    keep: (user, post) => storage.setItem(prefixOf(user) + nameOf(post), JSON.stringify(post)),
    drop: (user, post) => storage.removeItem(prefixOf(user) + nameOf(post)),
  }
}

/** The browser's storage where there is one that may be used, else memory. */
export function standardOutbox(url: string): OutboxStore {
  if (typeof document === 'undefined') return memoryOutbox()
  try {
    return browserOutbox(localStorage, url)
  } catch {
    // Pages without an origin of their own, or with storage forbidden.
    return memoryOutbox()
  }
}

/** What a post is called among those of its user. */
export function nameOf({ room, id }: Said): string {
  return `${room}/${id}`
}

/** An item that somebody else damaged is as good as none. */
function read(text: string | null): readonly Kept[] {
  try {
    return keptOf(JSON.parse(text ?? 'null'))
  } catch {
    return []
  }
}

function keptOf(value: unknown): readonly Kept[] {
  if (!isFields(value) || typeof value.at !== 'number' || typeof value.order !== 'number') return []
  const { parts } = value
  const parsed = parseCommand({ ...value, type: 'post', ref: 'kept' })
  if ('problem' in parsed || parsed.command.type !== 'post' || !areParts(parts)) return []
  const { type: _, ...post } = parsed.command
  // Of a file the server needs the id alone; whoever looks at what is pending wants to see more.
  const kept = { ...post, parts, at: value.at, order: value.order }
  return isFields(value.problem) && isProblem(value.problem) ? [{ ...kept, problem: value.problem }] : [kept]
}
