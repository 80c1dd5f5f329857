// How a file of the SQLite log changes its format, what it still works with, and what it does not keep.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import * as the from '../../testing/src/contracts/drafts.ts'
import { APPLICATION, migrations } from '../src/adapters/sqlite-schema.ts'
import { openLog, tempFolder } from './sqlite/folder.ts'

const ALL = { events: 1_000_000, bytes: 1_000_000_000 }
const { ann, bob, lobby } = the

/** A file as the first format had it: a message, and an answer that is closed and one that is not. */
async function oldFile(folder: string): Promise<void> {
  const db = new DatabaseSync(join(folder, 'parley.db'))
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA application_id = ${APPLICATION}; BEGIN; ${migrations[0]}
    PRAGMA user_version = 1; COMMIT`)
  db.exec(`INSERT INTO rooms VALUES (1, 'lobby', 'old', NULL, 5, 0, 3, 1000);
    INSERT INTO people VALUES (1, 'ann'), (2, 'guide');
    INSERT INTO spans VALUES (1, 'message/n', 4)`)
  const face = db.prepare('INSERT INTO faces VALUES (?, ?, ?)')
  face.run(1, 1, JSON.stringify(ann))
  face.run(2, 2, JSON.stringify(the.guide))
  const event = db.prepare('INSERT INTO events VALUES (1, ?, ?, 1000, ?, ?, ?, ?)')
  const drafts = [the.said(ann, '1', 'red fox'), the.opened('m'), the.closed('m', 'red dog'), the.opened('n')]
  for (const [index, { by, id, fact }] of drafts.entries()) {
    const person = by.id === 'ann' ? 1 : 2
    event.run(index + 1, [1, 1, 3, 3][index] ?? 0, person, person, id ?? null, JSON.stringify(fact))
  }
  const growth = the.grew('n', 'secret').fact
  db.prepare('INSERT INTO growth VALUES (1, 5, 4, 1000, 2, ?)').run(JSON.stringify(growth))
  db.close()
}

test('a file of the first format is opened with all that it holds, and can do what is new', async () => {
  const folder = await tempFolder()
  await oldFile(folder)
  const log = await openLog(folder)
  const page = await log.read(lobby, { epoch: 'old', seq: 0 }, ALL)
  expect(page.events.map(({ seq, by }) => [seq, by.id])).toEqual([
    [1, 'ann'],
    [2, 'guide'],
    [3, 'guide'],
    [4, 'guide'],
    [5, 'guide'],
  ])
  const found = async (words: string) => (await log.search([words], lobby, 10)).map(({ event }) => event.seq)
  expect(await found('red')).toEqual([3, 1])
  await log.mark(lobby, 'bob', 1)
  expect(await log.unread(lobby, 'bob', 10)).toBe(1)
  const [again] = await log.append(lobby, [the.said(ann, '1', 'red fox'), the.taskSet(ann, 't', 'a')])
  expect(again?.repeated).toBe(true)
  expect(await log.standing(lobby, 'task/', 10)).toHaveLength(1)
  await log.append(lobby, [the.redacting(bob, 'r', 'guide/m'), the.redacting(bob, 's', 'guide/n')])
  await log.append(lobby, [the.closed('n', 'secret')])
  expect(await found('red')).toEqual([1])
  const { events } = await log.read(lobby, undefined, ALL)
  expect(events.map(({ fact }) => 'redacted' in fact && fact.redacted)).toEqual([
    false,
    false,
    true,
    false,
    false,
    false,
    false,
    true,
  ])
  expect(JSON.stringify(events)).not.toContain('secret')
})

test('the search goes on after somebody has rewritten the file', async () => {
  const folder = await tempFolder()
  const log = await openLog(folder)
  await log.open(lobby)
  const other = the.room('other')
  await log.open(other)
  await log.append(
    other,
    Array.from({ length: 20 }, (_, number) => the.said(ann, `${number}`, 'cat')),
  )
  await log.append(lobby, [the.said(ann, '1', 'fox'), the.said(ann, '2', 'fox')])
  expect(await log.search(['fox'], undefined, 10)).toHaveLength(2)
  await log.trim(other, 20)
  await log.close()
  const db = new DatabaseSync(join(folder, 'parley.db'))
  db.exec('VACUUM')
  db.close()
  const again = await openLog(folder)
  await again.trim(lobby, 1)
  await again.append(lobby, [the.said(ann, '3', 'fox')])
  const found = await again.search(['fox'], undefined, 10)
  expect(found.map(({ room, event }) => [room, event.id])).toEqual([
    [lobby, '3'],
    [lobby, '2'],
  ])
  expect(await again.search(['cat'], undefined, 10)).toEqual([])
})

test('what was redacted leaves no trace in the file, wherever it was', async () => {
  const folder = await tempFolder()
  const log = await openLog(folder)
  await log.open(lobby)
  const long = (word: string) => `${word} `.repeat(3_000)
  await log.append(lobby, [the.said(ann, '1', 'sharksecret'), the.opened('m')])
  for (let from = 0; from < 50_000; from += 10_000)
    await log.append(lobby, [the.grew('m', 'grownsecret'.repeat(909), from)])
  await log.append(lobby, [the.closed('m', long('closedsecret'))])
  await log.append(lobby, [the.editing(ann, '2', 'ann/1', long('editedsecret')), the.said(ann, '3', 'kept')])
  expect(await log.search(['editedsecret'], lobby, 10)).toHaveLength(1)
  await log.append(lobby, [the.redacting(bob, '1', 'ann/1'), the.redacting(bob, '2', 'guide/m')])
  await log.close()
  const bytes = await readFile(join(folder, 'parley.db'), 'latin1')
  const traces = ['kept', 'sharksecret', 'grownsecret', 'closedsecret', 'editedsecret']
  expect(traces.filter((trace) => bytes.includes(trace))).toEqual(['kept'])
})
