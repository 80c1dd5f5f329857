// What an append costs in the file, counted in statements: the same on every machine.
import { statSync } from 'node:fs'
import { DatabaseSync, StatementSync } from 'node:sqlite'
import { expect, onTestFinished, test, vi } from 'vitest'
import { ann, grew, lobby, opened, said } from '../../testing/src/contracts/drafts.ts'
import { entryOf } from '../src/adapters/entry.ts'
import type { Ask } from '../src/adapters/sqlite-calls.ts'
import { packed } from '../src/adapters/sqlite-entries.ts'
import type { Draft } from '../src/seams/log.ts'
import { openCommits } from './sqlite/folder.ts'

interface Cost {
  readonly statements: number
  readonly commits: number
}

async function opening(): Promise<(drafts: readonly Draft[]) => Cost> {
  const { commits } = await openCommits()
  commits.write([{ ref: 0, call: 'open', args: [lobby, 'epoch', undefined] }])
  const spies = (['run', 'get', 'all', 'iterate'] as const).map((name) => vi.spyOn(StatementSync.prototype, name))
  const exec = vi.spyOn(DatabaseSync.prototype, 'exec')
  onTestFinished(() => void vi.restoreAllMocks())
  return (drafts) => {
    for (const spy of [...spies, exec]) spy.mockClear()
    const asks = drafts.map(
      (draft, ref): Ask => ({ ref, call: 'append', args: [lobby, [packed(entryOf(draft))], 1, undefined] }),
    )
    for (const reply of commits.write(asks).replies) expect(reply).toHaveProperty('answer')
    return {
      statements: spies.reduce((sum, { mock }) => sum + mock.calls.length, 0),
      commits: exec.mock.calls.filter(([sql]) => sql === 'COMMIT').length,
    }
  }
}

function messages(from: number, count: number): Draft[] {
  return Array.from({ length: count }, (_, index) => said(ann, `m${from + index}`))
}

test('appends that come together share one commit, and each costs two statements: was it said before, and the event', async () => {
  const cost = await opening()
  cost(messages(0, 10))
  const [ten, twenty] = [cost(messages(100, 10)), cost(messages(200, 20))]
  expect([ten.commits, twenty.commits]).toEqual([1, 1])
  expect(twenty.statements - ten.statements).toBe(2 * 10)
  // Beside the appends: what tells whether anything was stored.
  expect(ten.statements - 2 * 10).toBeLessThanOrEqual(2)
})

test('what a message grows by costs one statement', async () => {
  const cost = await opening()
  cost([opened('m'), grew('m', 'a', 0)])
  const pieces = (from: number, count: number): Draft[] =>
    Array.from({ length: count }, (_, index) => grew('m', 'a', from + index))
  expect(cost(pieces(11, 20)).statements - cost(pieces(1, 10)).statements).toBe(10)
})

test('appends to very many rooms change few pages: each index has a place of its own for nearly every room', async () => {
  const { db, commits, file } = await openCommits()
  const rooms = Array.from({ length: 100 }, (_, index) => `room-${index}`)
  let ref = 0
  const ask = (room: string, count: number): Ask => {
    ref += count
    const entries = messages(ref, count).map((draft) =>
      packed(entryOf({ ...draft, id: `${draft.id}`.padEnd(36, '-') })),
    )
    return { ref, call: 'append', args: [room, entries, 1, undefined] }
  }
  commits.write(rooms.map((room, index): Ask => ({ ref: index, call: 'open', args: [room, 'epoch', undefined] })))
  commits.write(rooms.map((room) => ask(room, 100)))
  commits.close()
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  const { replies } = commits.write(rooms.map((room) => ask(room, 1)))
  expect(replies.every((reply) => 'answer' in reply)).toBe(true)
  const pages = Math.ceil(statSync(`${file}-wal`).size / 4_120)
  expect(pages).toBeGreaterThan(3)
  expect(pages).toBeLessThan(20)
})
