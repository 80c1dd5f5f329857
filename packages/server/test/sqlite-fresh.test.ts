// Events that no index knows yet are events like all others: read, found, counted, removed and forgotten, by themselves and
// together with those before them.
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import * as the from '../../testing/src/contracts/drafts.ts'
import { entryOf } from '../src/adapters/entry.ts'
import type { Ask } from '../src/adapters/sqlite-calls.ts'
import { packed } from '../src/adapters/sqlite-entries.ts'
import { APPLICATION, migrations } from '../src/adapters/sqlite-schema.ts'
import type { Log } from '../src/seams/log.ts'
import { openCommits, openLog, tempFolder } from './sqlite/folder.ts'

const ALL = { events: 1_000_000, bytes: 1_000_000_000 }
const { ann, bob, lobby } = the
const other = the.room('other')

function said(from: number, count: number) {
  return Array.from({ length: count }, (_, index) => the.said(ann, `m${from + index}`))
}

/** Messages m1 to m5 are indexed, for somebody has searched; m6 to m10 are not. */
async function mixed(folder?: string): Promise<Log> {
  const log = await openLog(folder ?? (await tempFolder()))
  await log.open(lobby)
  await log.open(other)
  await log.append(other, said(1, 3))
  await log.append(lobby, said(1, 5))
  await log.search(['m1'], undefined, 1)
  await log.append(other, said(4, 3))
  await log.append(lobby, said(6, 5))
  return log
}

/** The file as it is while it is used, as if the process had been killed. */
async function killed(folder: string): Promise<string> {
  const copy = await tempFolder()
  for (const end of ['', '-wal']) await copyFile(join(folder, `parley.db${end}`), join(copy, `parley.db${end}`))
  return copy
}

async function ids(log: Log, after = 0): Promise<(string | undefined)[]> {
  const { epoch } = await log.open(lobby)
  return (await log.read(lobby, { epoch, seq: after }, ALL)).events.map(({ id }) => id)
}

const all = Array.from({ length: 10 }, (_, index) => `m${index + 1}`)

test('pages tell both, wherever they begin and end', async () => {
  const log = await mixed()
  expect(await ids(log)).toEqual(all)
  expect(await ids(log, 7)).toEqual(['m8', 'm9', 'm10'])
  const latest = await log.read(lobby, undefined, { events: 7, bytes: 1_000_000 })
  expect([latest.after, latest.events.map(({ id }) => id)]).toEqual([3, all.slice(3)])
  const older = await log.older(lobby, 8, { events: 4, bytes: 1_000_000 })
  expect(older.events.map(({ id }) => id)).toEqual(['m4', 'm5', 'm6', 'm7'])
})

test('an id is known, and what is unread counted', async () => {
  const log = await mixed()
  expect([(await log.find(lobby, 'ann', 'm2'))?.seq, (await log.find(lobby, 'ann', 'm9'))?.seq]).toEqual([2, 9])
  const again = await log.append(lobby, [the.said(ann, 'm3'), the.said(ann, 'm10')])
  expect(again.map(({ event, repeated }) => [event.seq, repeated])).toEqual([
    [3, true],
    [10, true],
  ])
  await log.mark(lobby, 'bob', 4)
  expect([await log.unread(lobby, 'bob', 100), await log.unread(lobby, 'bob', 2)]).toEqual([6, 2])
})

test('what is removed is removed from both, and a repeat after that in the same commit is still one', async () => {
  const log = await mixed()
  const [, repeats] = await Promise.all([
    log.append(lobby, [
      the.said(bob, 'b1', 'secret'),
      the.redacting(bob, 'r1', 'ann/m2'),
      the.redacting(bob, 'r2', 'bob/b1'),
    ]),
    log.append(lobby, [the.said(ann, 'm9'), the.said(ann, 'm1')]),
    log.append(lobby, [the.redacting(ann, 'r3', 'ann/m8')]),
    log.append(lobby, [the.said(ann, 'm11')]),
  ])
  expect(repeats.map(({ repeated }) => repeated)).toEqual([true, true])
  const { epoch } = await log.open(lobby)
  const { events } = await log.read(lobby, { epoch, seq: 0 }, ALL)
  const removed = events.filter(({ fact }) => 'redacted' in fact && fact.redacted).map(({ id }) => id)
  expect(removed).toEqual(['m2', 'm8', 'b1'])
  expect(events.at(-1)?.id).toBe('m11')
})

test('edits and answers of the same append are removed with what they belong to', async () => {
  const log = await mixed()
  await log.append(lobby, [
    the.opened('m'),
    the.closed('m', 'secret'),
    the.editing(ann, 'e', 'ann/m7', 'secret'),
    the.redacting(bob, 'r1', 'guide/m'),
    the.redacting(bob, 'r2', 'ann/m7'),
  ])
  const { epoch } = await log.open(lobby)
  expect(JSON.stringify((await log.read(lobby, { epoch, seq: 0 }, ALL)).events)).not.toContain('secret')
})

test('both are forgotten, and what comes into their place in the file is nothing of theirs', async () => {
  const log = await mixed()
  expect(await log.trim(lobby, 8)).toBe(8)
  await log.append(other, said(7, 2))
  await log.append(lobby, said(11, 2))
  expect(await ids(log, 8)).toEqual(['m9', 'm10', 'm11', 'm12'])
  expect(await log.find(lobby, 'ann', 'm7')).toBeUndefined()
  expect((await log.append(lobby, [the.said(ann, 'm12')]))[0]?.repeated).toBe(true)
  const found = await log.search(['m8'], undefined, 10)
  expect(found.map(({ room }) => room)).toEqual([other])
})

test('after a kill all are there, and after somebody has rewritten the file as well', async () => {
  const folder = await tempFolder()
  const log = await mixed(folder)
  // Rows that are gone: those that stay get other numbers when the file is rewritten.
  await log.trim(other, 4)
  await log.append(lobby, said(11, 2))
  const [plain, rewritten] = [await killed(folder), await killed(folder)]
  const db = new DatabaseSync(join(rewritten, 'parley.db'))
  db.exec(`CREATE TEMP TABLE rows AS SELECT * FROM events ORDER BY rowid; DELETE FROM events;
    INSERT INTO events SELECT * FROM rows ORDER BY rowid; DROP TABLE rows`)
  db.close()
  for (const copy of [plain, rewritten]) {
    // Whoever rewrote it took its WAL away, too: nothing of it is lost.
    const again = await openLog(copy, { salvage: copy === rewritten })
    expect(await ids(again)).toEqual([...all, 'm11', 'm12'])
    expect(
      (await again.append(lobby, [the.said(ann, 'm12'), the.said(ann, 'm13')])).map((one) => one.event.seq),
    ).toEqual([12, 13])
    expect((await again.search(['m12'], lobby, 5)).map(({ event }) => event.seq)).toEqual([12])
  }
})

test('a file of the format before, whose last ids no index knew, is opened with all that it holds', async () => {
  const folder = await tempFolder()
  const file = join(folder, 'parley.db')
  const db = new DatabaseSync(file)
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA application_id = ${APPLICATION}; BEGIN; ${migrations.slice(0, 5).join(';')};
    PRAGMA user_version = 5; COMMIT`)
  db.exec(`INSERT INTO rooms VALUES (1, 'lobby', 'old', NULL, 1, 0, 1, 1000); INSERT INTO people VALUES (1, 'ann')`)
  db.prepare('INSERT INTO faces VALUES (1, 1, ?)').run(JSON.stringify(ann))
  const add = db.prepare(
    'INSERT INTO events (room, seq, calm, at, person, face, id, fresh, fact) VALUES (1, ?1, ?1, 1000, 1, 1, ?2, ?3, ?4)',
  )
  add.run(1, 'm1', null, JSON.stringify(the.said(ann, 'm1').fact))
  db.exec('UPDATE state SET seen = 1, clean = 0')
  add.run(2, null, 'm2', JSON.stringify(the.said(ann, 'm2').fact))
  add.run(3, null, null, JSON.stringify(the.said(ann, 'm3').fact))
  const copy = await killed(folder)
  db.close()
  const log = await openLog(copy)
  expect(await ids(log)).toEqual(['m1', 'm2', undefined])
  const again = await log.append(lobby, [the.said(ann, 'm1'), the.said(ann, 'm2'), the.said(ann, 'm4')])
  expect(again.map(({ event, repeated }) => [event.seq, repeated])).toEqual([
    [1, true],
    [2, true],
    [4, false],
  ])
})

test('what was rolled back is remembered nowhere', async () => {
  const { db, commits } = await openCommits()
  commits.write([lobby, other].map((room, ref): Ask => ({ ref, call: 'open', args: [room, 'e', undefined] })))
  const append = (ref: number, room: string, id: string, words = id): Ask => {
    return { ref, call: 'append', args: [room, [packed(entryOf(the.said(ann, id, words)))], 1, undefined] }
  }
  db.exec(`PRAGMA max_page_count = ${Number(db.prepare('PRAGMA page_count').get()?.page_count) + 2}`)
  const full = commits.write([
    append(1, other, 'm1'),
    append(2, lobby, 'm1'),
    append(3, lobby, 'm2', 'x'.repeat(100_000)),
  ])
  expect(full.replies.map((reply) => 'answer' in reply)).toEqual([false, false, false])
  // It has the place in the file now that the other one would have had.
  expect(commits.write([append(4, lobby, 'm1')]).replies[0]).toMatchObject({ answer: [1] })
  const reply = commits.read({ ref: 3, call: 'read', args: [lobby, { epoch: 'e', seq: 0 }, ALL] })
  expect(reply).toMatchObject({ answer: { upTo: 1, events: expect.stringContaining('"m1"') } })
  expect(commits.write([append(5, lobby, 'm1')]).replies[0]).toMatchObject({ answer: [{ seq: 1 }] })
})
