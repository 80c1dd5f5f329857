// What the SQLite log promises beyond the contract of logs: it survives what happens to processes, files and disks.

import { statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ann, grew, guide, lobby, opened, room, said } from '../../testing/src/contracts/drafts.ts'
import { Outage } from '../src/adapters/outage.ts'
import { SqliteThread } from '../src/adapters/sqlite-thread.ts'
import { journal, openLog, tempFolder } from './sqlite/folder.ts'

const ALL = { events: 1_000_000, bytes: 1_000_000_000 }
const refusal = (code: string) => expect.objectContaining({ problem: expect.objectContaining({ code }) })

test('the folder is made, and after a close the file is all there is', async () => {
  const folder = join(await tempFolder(), 'deep', 'down')
  const log = await openLog(folder)
  await log.open(lobby)
  await log.append(lobby, [said(ann, '1')])
  expect(await readdir(folder)).toContain('parley.db-wal')
  await log.close()
  expect(await readdir(folder)).toEqual(['parley.db'])
})

test('an id is known however lately it was appended, and only while its event is kept', async () => {
  const log = await openLog(await tempFolder())
  await log.open(lobby)
  const ids = Array.from({ length: 2_500 }, (_, index) => `m${index}`)
  for (const id of ids) log.append(lobby, [said(ann, id)]).catch(() => undefined)
  const again = await Promise.all(ids.map((id) => log.append(lobby, [said(ann, id)])))
  expect(again.map(([one]) => [one?.event.seq, one?.repeated])).toEqual(ids.map((_, index) => [index + 1, true]))
  await log.append(lobby, [said(ann, 'last')])
  // The event that is found under an id is never another one that has come into its place in the file.
  await log.trim(lobby, 2_501)
  const [fresh, repeated] = await Promise.all([
    log.append(lobby, [said(ann, 'other')]),
    log.append(lobby, [said(ann, 'other'), said(ann, 'last')]),
  ])
  expect(fresh.map((one) => one.event.seq)).toEqual([2_502])
  expect(repeated.map((one) => [one.event.seq, one.repeated])).toEqual([
    [2_502, true],
    [2_503, false],
  ])
})

test('the write-ahead file does not grow for ever', async () => {
  const folder = await tempFolder()
  const log = await openLog(folder)
  await log.open(lobby)
  const text = 'x'.repeat(10_000)
  for (let number = 0; number < 60; number += 1)
    await log.append(
      lobby,
      Array.from({ length: 100 }, (_, each) => said(ann, `${number}-${each}`, text)),
    )
  expect(statSync(join(folder, 'parley.db')).size).toBeGreaterThan(50_000_000)
  expect(statSync(join(folder, 'parley.db-wal')).size).toBeLessThan(20_000_000)
})

test('when there is no room, appends are refused, reads go on, and it works again by itself', async () => {
  const notes = journal()
  const log = await openLog(await tempFolder(), { maxBytes: 1_000_000, journal: notes })
  await log.open(lobby)
  const text = 'x'.repeat(1_000)
  const fill = async (): Promise<never> => {
    for (let number = 0; ; number += 1) await log.append(lobby, [said(ann, `${number}`, text)])
  }
  const full = await fill().catch((error: unknown) => error)
  expect(full).toEqual(refusal('storage.unavailable'))
  expect(full).toHaveProperty('cause.message', expect.stringContaining('full'))
  const { head = 0 } = (await log.info(lobby)) ?? {}
  expect(head).toBeGreaterThan(500)

  // Again and together: refused, but logged once.
  const more = await Promise.allSettled(
    [1, 2, 3].map((number) => log.append(lobby, [said(ann, `more-${number}`, text)])),
  )
  expect(more.every(({ status }) => status === 'rejected')).toBe(true)
  await expect(log.check()).rejects.toEqual(refusal('storage.unavailable'))
  expect((await log.read(lobby, undefined, ALL)).events).toHaveLength(head)
  expect(notes.said.filter((line) => line.startsWith('error'))).toHaveLength(1)

  await log.trim(lobby, head - 100)
  const [next] = await log.append(lobby, [said(ann, 'next', text)])
  expect(next?.event.seq).toBe(head + 1)
  await log.check()
  expect(notes.said.at(-1)).toBe('info: the log can be used again')
})

test.each(['in use', 'opened anew'])(
  'a full file with very many rooms, %s, forgets what makes place again',
  async (how) => {
    const folder = await tempFolder()
    const maxBytes = 1_500_000
    const log = await openLog(folder, { maxBytes })
    // Rows of rooms that move on need new pages, for they stand in the order in which they did.
    const rooms = Array.from({ length: 1_500 }, (_, index) => room(`${'r'.repeat(100)}-${index}`))
    for (const one of rooms) await log.open(one)
    const fill = async (): Promise<never> => {
      for (let number = 0; ; number += 1)
        for (let from = 0; from < rooms.length; from += 250)
          await Promise.all(rooms.slice(from, from + 250).map((one) => log.append(one, [said(ann, `${number}`)])))
    }
    await expect(fill()).rejects.toEqual(refusal('storage.unavailable'))
    const [first = lobby] = rooms
    const { head = 0 } = (await log.info(first)) ?? {}
    // Now it is time for the rows to be written, and there is no place for them.
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    await log.append(first, [said(ann, 'more')]).catch((cause: unknown) => cause)
    if (how !== 'in use') await log.close()
    const again = how === 'in use' ? log : await openLog(folder, { maxBytes })
    expect((await again.info(first))?.head).toBeGreaterThanOrEqual(head)
    expect(await again.expire(Date.now() + 1_000)).toBeGreaterThan(rooms.length)
    for (const one of rooms.slice(0, 20)) await again.append(one, [said(ann, 'after')])
  },
)

test('a store that fails and works by turns does not fill the journal', () => {
  const notes = journal()
  let steady = 0
  const outage = new Outage(notes, () => steady)
  for (; steady < 150_000; steady += 1_000) {
    outage.met(new Error('full'))
    outage.met(new Error('still full'))
    outage.over()
    outage.over()
  }
  const [began, ended] = ['error: the log cannot be used at present: full', 'info: the log can be used again']
  expect(notes.said).toEqual([began, ended, began, ended, began, ended])
})

test('what is broken in one append does not spoil those that share its commit', async () => {
  let now = 1_000
  const log = await openLog(await tempFolder(), { now: () => now })
  await log.open(lobby)
  const calls = [1, 2, 3, 4].map((number) => {
    // No store takes a time that is no number.
    now = number === 2 ? Number.NaN : 1_000
    return log.append(lobby, [said(ann, `${number}`)])
  })
  const settled = await Promise.allSettled(calls)
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
  const { events } = await log.read(lobby, undefined, ALL)
  expect(events.map(({ seq, id }) => [seq, id])).toEqual([
    [1, '1'],
    [2, '3'],
    [3, '4'],
  ])
})

test('more rooms and people than it remembers are no trouble', async () => {
  const log = await openLog(await tempFolder())
  const many = Array.from({ length: 10_100 }, (_, number) => number)
  await Promise.all(many.map((number) => log.open(room(`room-${number}`))))
  const person = (number: number) => ({ ...ann, id: `person-${number}` })
  const talk = () => Promise.all(many.map((number) => log.append(room(`room-${number}`), [said(person(number), '1')])))
  expect((await talk()).every(([one]) => one?.repeated === false && one.event.seq === 1)).toBe(true)
  await log.append(room('room-1'), [opened('m')])
  expect((await talk()).every(([one]) => one?.repeated === true && one.event.seq === 1)).toBe(true)
  await log.append(room('room-1'), [grew('m', 'x')])
  const page = await log.read(room('room-1'), undefined, ALL)
  expect(page.events.map(({ seq, by }) => [seq, by.id])).toEqual([
    [1, 'person-1'],
    [2, guide.id],
    [3, guide.id],
  ])
})

test('when its thread dies, all who wait hear why', async () => {
  const notes = journal()
  const program = new URL('./sqlite/dying-thread.ts', import.meta.url)
  const options = { durability: 'full', thorough: false, salvage: false, maxBytes: undefined, epoch: 'epoch' } as const
  const thread = await SqliteThread.start(program, { ...options, file: 'none' }, notes)
  const waiting = await Promise.allSettled([thread.ask('info', 'a'), thread.ask('info', 'b')])
  for (const one of [...waiting, ...(await Promise.allSettled([thread.ask('info', 'c')]))])
    expect(one).toHaveProperty('reason.cause.message', 'out of breath')
  expect(notes.said).toEqual(['error: the thread of the log died: out of breath'])
  await thread.close()
})
