// Both logs hold to the contract of logs, and do the same whatever they are asked.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RoomId } from '@parley/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as the from '../../testing/src/contracts/drafts.ts'
import { logContract, type MakeLog } from '../../testing/src/contracts/log.ts'
import { memoryLog } from '../src/adapters/memory-log.ts'
import { sqliteLog } from '../src/adapters/sqlite-log.ts'
import type { Journal } from '../src/seams/journal.ts'
import type { Draft, Log } from '../src/seams/log.ts'

const randomUuid = () => crypto.randomUUID()
const quiet: Journal = { info() {}, warn: expect.unreachable, error: expect.unreachable }

function inMemory(uuid: () => string): MakeLog {
  return async (now) => ({ log: memoryLog({ now, uuid }), done: async () => {} })
}

function inSqlite(uuid: () => string): MakeLog {
  return async (now) => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-log-'))
    const open = () => sqliteLog({ folder, durability: 'normal', now, uuid, journal: quiet })
    let log = await open()
    return {
      log,
      async reopen() {
        await log.close()
        log = await open()
        return log
      },
      async done() {
        await log.close()
        await rm(folder, { recursive: true })
      },
    }
  }
}

describe('the log in memory', () => {
  for (const { name, run } of logContract(inMemory(randomUuid))) test(name, run)
})

describe('the log in SQLite', () => {
  for (const { name, run } of logContract(inSqlite(randomUuid))) test(name, run)
})

/** Something to ask a log, with words for a report. */
interface Ask {
  readonly words: string
  readonly ask: (log: Log) => Promise<unknown>
}

/** What is asked at once, after so many milliseconds, perhaps of a log that was closed and opened before. */
interface Step {
  readonly asks: readonly Ask[]
  readonly ms: number
  readonly reopen: boolean
}

/** Enough to find what a change broke; each run opens files. */
const RUNS = 12

const seq = fc.nat(40)
const room = fc.constantFrom(the.lobby, the.room('other'), the.room('third'))
const limit = fc.record({ events: fc.nat(6), bytes: fc.constantFrom(1, 150, 400, 1_000_000) })
const position = fc.record({ epoch: fc.constantFrom('epoch', 'epoch', 'epoch', 'another'), seq })

const run = fc.constantFrom('r', 's', 't')
const message = fc.constantFrom('m', 'n', 'o', 'p')
const outcome = fc.constantFrom('completed' as const, 'cancelled' as const)

const key = fc.constantFrom('ann/1', 'ann/2', 'bob/1', 'guide/1', 'guide/m', 'guide/n', 'guide/o', 'nobody/1')

const file = fc.constantFrom('f', 'g', 'h')

const draft: fc.Arbitrary<Draft> = fc.oneof(
  fc
    .tuple(fc.constantFrom(the.ann, the.bob, the.guide), fc.constantFrom('1', '2', '3', '4'), fc.constantFrom('x', 'ü'))
    .map(([by, id, words]) => the.said(by, id, words)),
  run.map(the.runStarted),
  fc.tuple(run, outcome).map(([name, how]) => the.runEnded(name, how)),
  fc.tuple(message, fc.option(run, { nil: undefined })).map(([name, by]) => the.opened(name, by)),
  message.map((name) => ({ ...the.opened(name), id: 'again' })),
  message.map((name) => the.grew(name, 'x'.repeat(name.length))),
  message.map((name) => the.grew(name, 'y')),
  fc.tuple(message, outcome).map(([name, how]) => the.closed(name, 'x', how)),
  message.map((name) => ({ ...the.closed(name, 'x'), id: 'again' })),
  fc
    .tuple(fc.constantFrom('1', '2', '3'), fc.constantFrom('a', 'b', 'c'), fc.constantFrom('open', 'done'))
    .map(([id, task, status]) => the.taskSet(the.bob, `t${id}`, task, status)),
  fc
    .tuple(fc.nat(40), fc.constantFrom('a', 'b', 'c'), fc.constantFrom(0, 0, 1, 2, 5))
    .map(([id, task, after]) => the.from(the.taskSet(the.ann, `t${id}`, task), after)),
  fc
    .tuple(fc.nat(9), key, fc.constantFrom('x', 'red', 'Ü'))
    .map(([id, about, words]) => the.editing(the.ann, `e${id}`, about, words)),
  fc.tuple(fc.nat(9), key).map(([id, about]) => the.redacting(the.bob, `r${id}`, about)),
  fc
    .tuple(fc.constantFrom('1', '2', '3', '4'), fc.array(file, { minLength: 1, maxLength: 3 }))
    .map(([id, files]) => the.showing(the.ann, id, ...files.map((name) => the.file(name)))),
)

const write: fc.Arbitrary<Ask> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(room, fc.array(draft, { maxLength: 4 }), fc.option(seq, { nil: undefined, freq: 8 }))
      .map(([where, drafts, expected]) =>
        asked('append', [where, drafts, expected], (log) => log.append(where, drafts, expected)),
      ),
  },
  fc
    .tuple(room, fc.constantFrom(undefined, 'ann'))
    .map(([where, owner]) => asked('open', [where, owner], (log) => log.open(where, owner))),
  fc.tuple(room, seq).map(([where, upTo]) => asked('trim', [where, upTo], (log) => log.trim(where, upTo))),
  fc
    .tuple(room, fc.constantFrom('ann', 'guest'), seq)
    .map(([where, user, upTo]) => asked('mark', [where, user, upTo], (log) => log.mark(where, user, upTo))),
  fc
    .tuple(room, file, fc.constantFrom('u', 'v', 'w'), fc.constantFrom('x', 'y'))
    .map(([where, name, upload, sha256]) => {
      const { attachment } = the.file(name)
      // Never one id for two files: ids are made by chance.
      const id = `${name}.${where}.${upload}`
      const arrival = the.file(name, { room: where, upload, attachment: { ...attachment, id, sha256 } })
      return asked('attach', [arrival], (log) => log.attach(where === the.lobby ? the.file(name) : arrival))
    }),
  fc
    .tuple(fc.nat(20), fc.nat(3))
    .map(([ms, most]) => asked('discard', [ms, most], (log) => log.discard(1_000 + ms, most))),
  file.map((name) => asked('dropped', [name], (log) => log.dropped([`content of ${name}`, 'x']))),
)

/** What is found on two pages, without the places, of which only the order counts. */
async function pages(log: Log, words: readonly string[], where: RoomId | undefined): Promise<unknown> {
  const first = await log.search(words, where, 2)
  const last = first.at(-1)
  const second = last === undefined ? [] : await log.search(words, where, 40, last)
  return [...first, ...second].map(({ room, event }) => [room, event])
}

const read: fc.Arbitrary<Ask> = fc.oneof(
  fc
    .tuple(room, fc.option(position, { nil: undefined }), limit)
    .map(([where, after, most]) => asked('read', [where, after, most], (log) => log.read(where, after, most))),
  fc
    .tuple(room, seq, limit)
    .map(([where, before, most]) => asked('older', [where, before, most], (log) => log.older(where, before, most))),
  fc
    .tuple(room, fc.constantFrom('', 'task/', 'task/a'), fc.nat(3))
    .map(([where, prefix, most]) =>
      asked('standing', [where, prefix, most], (log) => log.standing(where, prefix, most)),
    ),
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom(['x'], ['re'], ['u'], ['u', 'x']), fc.option(room, { nil: undefined }))
      .map(([words, where]) => asked('search', [words, where], (log) => pages(log, words, where))),
  },
  room.map((where) => asked('marks', [where], async (log) => [...(await log.marks(where))].toSorted())),
  fc
    .tuple(room, fc.constantFrom('ann', 'guest'), fc.nat(5))
    .map(([where, user, most]) => asked('unread', [where, user, most], (log) => log.unread(where, user, most))),
  file.map((name) => asked('attachment', [name], (log) => log.attachment(name))),
  fc
    .tuple(room, fc.oneof(file, fc.constantFrom('u', 'v', 'w')))
    .map(([where, upload]) => asked('uploaded', [where, upload], (log) => log.uploaded(where, 'ann', upload))),
  room.map((where) => asked('weigh', [where], (log) => log.weigh({ room: where }))),
  fc.constant(asked('weigh', ['ann'], (log) => log.weigh({ owner: 'ann' }))),
  fc.constant(asked('loose', [], async (log) => (await log.loose(20)).toSorted())),
  fc.constantFrom('x', 'content of f').map((content) => asked('holds', [content], (log) => log.holds(content))),
  room.map((where) => asked('info', [where], (log) => log.info(where))),
  fc
    .tuple(fc.constantFrom(undefined, 'ann'), fc.nat(3))
    .map(([owner, most]) => asked('rooms', [owner, most], (log) => log.rooms(owner, most))),
  fc
    .constantFrom('', 'run/', 'message/m')
    .map((prefix) =>
      asked('spans', [prefix], async (log) => (await log.spans(prefix)).map((span) => JSON.stringify(span)).toSorted()),
    ),
)

const step: fc.Arbitrary<Step> = fc.record({
  asks: fc.oneof(
    { weight: 3, arbitrary: fc.array(write, { minLength: 1, maxLength: 5 }) },
    { weight: 2, arbitrary: fc.array(read, { minLength: 1, maxLength: 3 }) },
  ),
  ms: fc.integer({ min: -1, max: 3 }),
  reopen: fc.integer({ min: 0, max: 30 }).map((number) => number === 30),
})

function asked(words: string, args: readonly unknown[], ask: Ask['ask']): Ask {
  return { words: `${words}(${args.map((arg) => JSON.stringify(arg)).join(', ')})`, ask }
}

async function answer(log: Log, { words, ask }: Ask): Promise<readonly [string, unknown]> {
  try {
    return [words, await ask(log)]
  } catch (error) {
    if (!(error instanceof Error && 'problem' in error)) throw error
    return [words, error.problem]
  }
}

test('both logs answer alike, whatever is asked', { timeout: 60_000 }, async () => {
  const epoch = () => 'epoch'
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
      const clock = { now: 1_000 }
      const [memory, sqlite] = await Promise.all([inMemory(epoch)(() => clock.now), inSqlite(epoch)(() => clock.now)])
      let { log } = sqlite
      try {
        for (const { asks, ms, reopen } of steps) {
          clock.now += ms
          if (reopen && sqlite.reopen !== undefined) log = await sqlite.reopen()
          const [expected, actual] = await Promise.all(
            [memory.log, log].map((either) => Promise.all(asks.map((ask) => answer(either, ask)))),
          )
          expect(actual).toEqual(expected)
          if (ms === 3) expect(await log.expire(clock.now - 4)).toBe(await memory.log.expire(clock.now - 4))
        }
      } finally {
        await sqlite.done()
      }
    }),
    { numRuns: RUNS },
  )
})
