// A folder of its own for each test, a log in it, and a journal that remembers.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { onTestFinished } from 'vitest'
import { Commits } from '../../src/adapters/sqlite-commits.ts'
import { openFile } from '../../src/adapters/sqlite-file.ts'
import { type SqliteLogOptions, sqliteLog } from '../../src/adapters/sqlite-log.ts'
import type { Journal } from '../../src/seams/journal.ts'
import type { Log } from '../../src/seams/log.ts'

export interface Remembering extends Journal {
  readonly said: readonly string[]
}

export function journal(): Remembering {
  const said: string[] = []
  return {
    said,
    info: (what) => void said.push(`info: ${what}`),
    warn: (what) => void said.push(`warn: ${what}`),
    error: (what, cause) => void said.push(`error: ${what}: ${cause instanceof Error ? cause.message : cause}`),
  }
}

export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-sqlite-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Opens the log of a folder; it is closed when the test is over. */
export async function openLog(folder: string, options: Partial<Omit<SqliteLogOptions, 'file'>> = {}): Promise<Log> {
  const log = await sqliteLog({
    durability: 'normal',
    now: Date.now,
    uuid: () => crypto.randomUUID(),
    journal: journal(),
    ...options,
    folder,
  })
  onTestFinished(() => log.close())
  return log
}

/** An open file without a thread around it, and what commits to it; closed when the test is over. */
export async function openCommits(): Promise<{ file: string; db: DatabaseSync; commits: Commits }> {
  const file = join(await tempFolder(), 'parley.db')
  const options = {
    file,
    durability: 'normal',
    thorough: false,
    salvage: false,
    maxBytes: undefined,
    epoch: 'e',
  } as const
  const { db } = openFile(options)
  onTestFinished(() => db.close())
  return { file, db, commits: new Commits(db) }
}
