// The posts of one connection to one room keep their order, whatever becomes of one of them.
import { Refusal } from '@parley/protocol'
import { expect, test } from 'vitest'
import { PostLine } from '../../src/engine/post-line.ts'
import type { Appended } from '../../src/seams/log.ts'

interface Post {
  readonly id: string
}

/** A log that decides when it is told to, and what its calls were. */
function log() {
  const calls: string[] = []
  const waiting: { resolve(): void; refuse(cause: unknown): void }[] = []
  const append = (posts: readonly Post[]): Promise<readonly Appended[]> => {
    calls.push(posts.map(({ id }) => id).join(' '))
    return new Promise((resolve, reject) => {
      const appended = posts.map(({ id }, index): Appended => {
        const fact = { type: 'message.posted', parts: [] } as const
        return { event: { seq: index + 1, at: 0, by: { id: 'alice', kind: 'user' }, id, fact }, repeated: false }
      })
      waiting.push({ resolve: () => resolve(appended), refuse: reject })
    })
  }
  const settle = async (how: (call: (typeof waiting)[number]) => void): Promise<void> => {
    const call = waiting.shift()
    if (call === undefined) throw new Error('the log was not called')
    how(call)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return {
    calls,
    append,
    take: () => settle(({ resolve }) => resolve()),
    refuse: (cause: unknown) => settle((call) => call.refuse(cause)),
  }
}

/** What becomes of a post. */
function add(line: PostLine<Post, Appended>, post: Post, after: string | undefined): Promise<string> {
  return outcome(new Promise((resolve, reject) => line.add({ post, resolve, reject }, after)))
}

const full = new Refusal('storage.unavailable', 'the disk is full')
const conflict = new Refusal('id.conflict', 'used before')
const outcome = (posted: Promise<Appended>): Promise<string> =>
  posted.then(
    ({ event }) => `taken ${event.id}`,
    (cause: unknown) => (cause instanceof Refusal ? cause.problem.code : String(cause)),
  )

test('[S4] the first post goes at once, those that come meanwhile go together', async () => {
  const { calls, append, take } = log()
  const line = new PostLine<Post, Appended>(append)
  const all = ['a', 'b', 'c'].map((id) => add(line, { id }, undefined))
  expect(calls).toEqual(['a'])
  await take()
  expect(calls).toEqual(['a', 'b c'])
  await take()
  expect(await Promise.all(all)).toEqual(['taken a', 'taken b', 'taken c'])
})

test('[S4] where one is refused for now, so is all that stands behind it, also what is still to come', async () => {
  const { calls, append, refuse, take } = log()
  const line = new PostLine<Post, Appended>(append)
  const all = [add(line, { id: 'a' }, undefined), add(line, { id: 'b' }, 'a')]
  await refuse(full)
  expect(await Promise.all(all)).toEqual(['storage.unavailable', 'storage.unavailable'])
  expect(await add(line, { id: 'c' }, 'b')).toBe('message.early')
  const again = ['a', 'b', 'c'].map((id, index, ids) => add(line, { id }, ids[index - 1]))
  await take()
  await take()
  expect(await Promise.all(again)).toEqual(['taken a', 'taken b', 'taken c'])
  expect(calls).toEqual(['a', 'a', 'b c'])
})

test('[S3, S4] one that can never be taken does not hold up the others', async () => {
  const { calls, append, refuse, take } = log()
  const line = new PostLine<Post, Appended>(append)
  const all = ['a', 'b', 'c', 'd'].map((id, index, ids) => add(line, { id }, ids[index - 1]))
  await take()
  await refuse(conflict)
  await take()
  await refuse(conflict)
  await take()
  expect(await Promise.all(all)).toEqual(['taken a', 'taken b', 'id.conflict', 'taken d'])
  expect(calls).toEqual(['a', 'b c d', 'b', 'c', 'd'])
})

test('[S4] a post whose predecessor never came is refused', async () => {
  const { append } = log()
  const line = new PostLine<Post, Appended>(append)
  expect(await add(line, { id: 'b' }, 'a')).toBe('message.early')
})
