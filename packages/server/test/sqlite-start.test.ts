// How the SQLite log starts: at once after a crash, and never on a file that is damaged, foreign or in use.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { ann, closed, grew, guide, lobby, opened, said } from '../../testing/src/contracts/drafts.ts'
import { journal, openLog, tempFolder } from './sqlite/folder.ts'

const ALL = { events: 1_000_000, bytes: 1_000_000_000 }

interface Writer {
  readonly process: ChildProcess
  /** What was acknowledged so far: author, id, seq. */
  readonly acknowledged: [string, string, number][]
  /** Resolves when so much was acknowledged. */
  until(count: number): Promise<void>
  kill(): Promise<void>
}

/** A process of its own that appends to the log of a folder until it is killed. */
async function writer(folder: string, durability: 'full' | 'normal' = 'full', round = 0): Promise<Writer> {
  const program = fileURLToPath(new URL('./sqlite/writer.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=parley-source', program, folder, durability, `${round}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const acknowledged: [string, string, number][] = []
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => {
    // The last line may have been cut.
    if (line.endsWith(']')) acknowledged.push(JSON.parse(line))
  })
  await once(lines, 'line')
  return {
    process: child,
    acknowledged,
    async until(count) {
      while (acknowledged.length < count) await once(lines, 'line')
    },
    async kill() {
      const closed = once(child, 'close')
      child.kill('SIGKILL')
      await closed
    },
  }
}

for (const durability of ['full', 'normal'] as const)
  test(`a process that is killed while it writes loses nothing that it acknowledged (${durability})`, async () => {
    const folder = await tempFolder()
    const acknowledged: [string, string, number][] = []
    const epochs = new Set<string>()
    for (const round of [1, 2, 3]) {
      const writing = await writer(folder, durability, round)
      await writing.until(200 * round)
      await writing.kill()
      acknowledged.push(...writing.acknowledged)

      const log = await openLog(folder, { durability })
      const page = await log.read(lobby, undefined, ALL)
      epochs.add(page.epoch)
      const kept = new Map(page.events.map((event) => [event.seq, event]))
      for (const [author, id, seq] of acknowledged) expect(kept.get(seq)).toMatchObject({ by: { id: author }, id })
      // Only growth is ever missing between the first and the last.
      expect(new Set(page.events.map(({ seq }) => seq)).size).toBe(page.events.length)
      expect(page.upTo).toBe((await log.info(lobby))?.head)
      const anns = acknowledged.filter(([author]) => author === ann.id)
      const again = await log.append(
        lobby,
        anns.map(([, id]) => said(ann, id)),
      )
      expect(again.map(({ event, repeated }) => [event.seq, repeated])).toEqual(anns.map(([, , seq]) => [seq, true]))
      await log.close()
    }
    expect(acknowledged.some(([author]) => author === guide.id)).toBe(true)
    expect(epochs.size).toBe(1)
  })

test('a second process is refused until the first has ended, however it ended', async () => {
  const folder = await tempFolder()
  const first = await writer(folder)
  await expect(openLog(folder)).rejects.toThrow(`${join(folder, 'parley.db')} is in use by another process`)
  await first.kill()
  const log = await openLog(folder)
  await log.append(lobby, [said(ann, 'here')])
  await expect(openLog(folder)).rejects.toThrow('is in use by another process')
})

test('a log that was killed says so at the next start, one that was closed says nothing', async () => {
  const folder = await tempFolder()
  await (await writer(folder)).kill()
  const [afterKill, afterClose] = [journal(), journal()]
  await (await openLog(folder, { journal: afterKill })).close()
  await (await openLog(folder, { journal: afterClose, thorough: true })).close()
  expect(afterKill.said).toEqual([expect.stringContaining('ended without closing it; it was checked and is whole')])
  expect(afterClose.said).toEqual([])
})

/** A folder with a log of some hundred messages that was closed. */
async function filled(): Promise<{ folder: string; file: string }> {
  const folder = await tempFolder()
  const log = await openLog(folder)
  await log.open(lobby)
  await log.append(
    lobby,
    Array.from({ length: 500 }, (_, number) => said(ann, `${number}`, 'x'.repeat(100))),
  )
  await log.close()
  return { folder, file: join(folder, 'parley.db') }
}

/** Refuses to open, says why in one line, and leaves the file as it is. */
async function refuses(folder: string, why: RegExp): Promise<void> {
  const file = join(folder, 'parley.db')
  const before = await readFile(file).catch(() => undefined)
  const error: unknown = await openLog(folder).catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(Error)
  const { message } = error instanceof Error ? error : expect.fail('no error')
  expect(message).toMatch(why)
  expect(message).toContain(file)
  expect(message).not.toContain('\n')
  expect(await readFile(file).catch(() => undefined)).toEqual(before)
}

test('an empty file is not taken for an empty log', async () => {
  const { folder, file } = await filled()
  await truncate(file, 0)
  await refuses(folder, /is empty, which no log ever is/)
})

test('a file that was cut is refused', async () => {
  const { folder, file } = await filled()
  const { size } = await stat(file)
  for (const part of [0.9, 0.5, 0.1, 0.001]) {
    await truncate(file, Math.floor(size * part))
    await refuses(folder, /is damaged|is not a Parley log/)
  }
})

test('a file with damaged pages is refused', async () => {
  const { folder, file } = await filled()
  const bytes = await readFile(file)
  for (let page = 1; page < bytes.length / 4096; page += 1) bytes.fill(0xa5, page * 4096, page * 4096 + 12)
  await writeFile(file, bytes)
  await refuses(folder, /is damaged/)
})

test('a file of something else is refused', async () => {
  const folder = await tempFolder()
  await writeFile(join(folder, 'parley.db'), 'Dear diary, '.repeat(1_000))
  await refuses(folder, /is not a Parley log/)

  const other = await tempFolder()
  const db = new DatabaseSync(join(other, 'parley.db'))
  db.exec('CREATE TABLE diary (entry TEXT); PRAGMA user_version = 1')
  db.close()
  await refuses(other, /is not a Parley log/)
})

test('a file of a newer version is refused', async () => {
  const { folder, file } = await filled()
  const db = new DatabaseSync(file)
  db.exec('PRAGMA user_version = 1000')
  db.close()
  await refuses(folder, /was written by a newer Parley \(format 1000, this one knows \d+\)/)
})

test('a write-ahead file without its log is refused', async () => {
  const folder = await tempFolder()
  await (await writer(folder)).kill()
  await rm(join(folder, 'parley.db'))
  await refuses(folder, /is missing, but .*-wal is there/)
})

test('a log without its last writes is refused, or salvaged in a new epoch', async () => {
  const folder = await tempFolder()
  const writing = await writer(folder)
  await writing.until(100)
  await writing.kill()
  await rm(join(folder, 'parley.db-wal'))
  await refuses(folder, /-wal is missing, and with it the last writes/)

  const notes = journal()
  const salvaged = await openLog(folder, { salvage: true, uuid: () => 'after the loss', journal: notes })
  expect(notes.said.at(-1)).toMatch(/every room begins a new epoch/)
  await salvaged.open(lobby)
  expect((await salvaged.info(lobby))?.epoch).toBe('after the loss')
  await salvaged.close()
  await (await openLog(folder)).close()
})

test('a folder that cannot be written to is told', async () => {
  const folder = await tempFolder()
  await writeFile(join(folder, 'file'), '')
  await expect(openLog(join(folder, 'file'))).rejects.toThrow(/cannot be opened/)
})

/** The folder as a machine without power would have left it, which forgot when it was started. */
async function afterPowerLoss(folder: string): Promise<string> {
  const copy = await tempFolder()
  for (const name of ['parley.db', 'parley.db-wal']) await copyFile(join(folder, name), join(copy, name))
  const db = new DatabaseSync(join(copy, 'parley.db'))
  db.exec("PRAGMA locking_mode = EXCLUSIVE; UPDATE state SET boot = 'an earlier one'")
  await copyFile(join(copy, 'parley.db-wal'), join(copy, 'kept'))
  const main = await readFile(join(copy, 'parley.db'))
  db.close()
  await writeFile(join(copy, 'parley.db'), main)
  await copyFile(join(copy, 'kept'), join(copy, 'parley.db-wal'))
  return copy
}

for (const durability of ['full', 'normal'] as const)
  test(`after a loss of power positions ${durability === 'full' ? 'still hold' : 'do not meet other content'} (${durability})`, async () => {
    const folder = await tempFolder()
    const log = await openLog(folder, { durability })
    const { epoch } = await log.open(lobby)
    await log.append(lobby, [said(ann, '1'), said(ann, '2')])
    const copy = await afterPowerLoss(folder)
    const again = await openLog(copy, { durability, thorough: true })
    const page = await again.read(lobby, { epoch, seq: 2 }, ALL)
    expect(page.reset).toBe(durability === 'full' ? undefined : 'epoch')
    expect((await again.info(lobby))?.head).toBe(2)
  })

test('after a loss of power a room goes on where it was, also when what it had before is forgotten', async () => {
  const folder = await tempFolder()
  const log = await openLog(folder, { durability: 'full' })
  const { epoch } = await log.open(lobby)
  await log.append(lobby, [said(ann, '1'), said(ann, '2'), said(ann, '3')])
  expect(await log.trim(lobby, 3)).toBe(3)
  // Its rows may have numbers now that others had before.
  await log.append(lobby, [said(ann, '4')])
  const again = await openLog(await afterPowerLoss(folder), { durability: 'full' })
  expect(await again.info(lobby)).toMatchObject({ epoch, head: 4, horizon: 3 })
  const [appended] = await again.append(lobby, [said(ann, '5')])
  expect(appended?.event.seq).toBe(5)
})

test('a message that grows is gone on with where a loss of power left it', async () => {
  const folder = await tempFolder()
  const log = await openLog(folder, { durability: 'full' })
  await log.open(lobby)
  await log.append(lobby, [said(ann, '1'), opened('m'), grew('m', 'a', 0), grew('m', 'b', 1)])
  const again = await openLog(await afterPowerLoss(folder), { durability: 'full' })
  expect((await again.info(lobby))?.head).toBe(4)
  await again.append(lobby, [grew('m', 'c', 2), closed('m', 'abc')])
  const page = await again.read(lobby, undefined, { events: 1, bytes: 1 })
  // No page begins within the message.
  expect([page.after, page.upTo]).toEqual([1, 6])
})
