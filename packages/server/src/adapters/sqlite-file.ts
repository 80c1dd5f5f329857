// Opens the file of a log: makes it, locks it, knows whether it is whole, and never takes a damaged one for an empty one.
import { linkSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { threadId } from 'node:worker_threads'
import { catchUp } from './sqlite-rooms.ts'
import { APPLICATION, migrations } from './sqlite-schema.ts'
import { int, resultCode, SQLITE, text } from './sqlite-values.ts'

export interface FileOptions {
  readonly file: string
  readonly durability: 'full' | 'normal'
  /** Looks at every page and every index, however long that takes. */
  readonly thorough: boolean
  /** Opens a file even when its WAL, and with it the last writes, are lost. */
  readonly salvage: boolean
  /** How large the file may grow. */
  readonly maxBytes: number | undefined
  /** The epoch of all rooms if writes were lost: old positions must not meet new content. */
  readonly epoch: string
}

/** Up to these sizes a check takes a fraction of a second; a larger file is checked when its owner wishes. */
const THOROUGH_BYTES = 25_000_000
const QUICK_BYTES = 250_000_000
const WAL_HEADER_BYTES = 32
const WAL_LIMIT_BYTES = 64_000_000
/** The same few pages change again and again: the fewer checkpoints there are, the less of them is written twice. */
const CHECKPOINT_PAGES = 4_000

export interface OpenFile {
  readonly db: DatabaseSync
  /** What its owner should know. */
  readonly notes: readonly string[]
}

/** Throws an `Error` that says in one line what is wrong with the file. */
export function openFile(options: FileOptions): OpenFile {
  const { file, durability } = options
  let db: DatabaseSync | undefined
  try {
    const { bytes, walBytes } = look(file)
    if (bytes === 0) create(file)
    db = new DatabaseSync(file, { timeout: 0 })
    // Exclusive, so that no other process can open it; the lock ends with this process, however it ends.
    db.exec('PRAGMA locking_mode = EXCLUSIVE')
    identify(db, file)
    const last = lastTime(db)
    const cut = !last.clean && walBytes < WAL_HEADER_BYTES
    if (cut && !options.salvage)
      throw new Error(`${file}-wal is missing, and with it the last writes: put it back, or salvage the rest`)
    const notes = verify(db, file, bytes + walBytes, options.thorough, last.clean)
    configure(db, options)
    migrate(db)
    db.exec('BEGIN')
    catchUp(db)
    db.exec('COMMIT')
    // Not before: a full file must be one that can be opened.
    bound(db, options.maxBytes)
    if (cut || mayHaveLost(last)) {
      db.prepare('UPDATE rooms SET epoch = ?').run(options.epoch)
      notes.push('the last writes may be lost: every room begins a new epoch')
    }
    db.prepare('UPDATE state SET clean = 0, durability = ?, boot = ?').run(durability, bootId())
    // Into the file itself, so that it tells of an unclean end even when its WAL is gone.
    db.exec('PRAGMA wal_checkpoint(FULL)')
    return { db, notes }
  } catch (error) {
    db?.close()
    throw explain(error, file)
  }
}

/** How large the file and its WAL are; 0 for a file that is to be made. */
function look(file: string): { readonly bytes: number; readonly walBytes: number } {
  const bytes = sizeOf(file)
  const walBytes = sizeOf(`${file}-wal`) ?? 0
  if (bytes === undefined && walBytes > 0) throw new Error(`${file} is missing, but ${file}-wal is there: put it back`)
  if (bytes === 0) throw new Error(`${file} is empty, which no log ever is: put the right file in its place`)
  return { bytes: bytes ?? 0, walBytes }
}

/** Ends the use of a file. What was written is in the file itself afterwards, without a WAL beside it. */
export function closeFile(db: DatabaseSync): void {
  try {
    db.exec('UPDATE state SET clean = 1')
  } finally {
    db.close()
  }
}

function sizeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.size
}

/** Whole from its first moment: made under another name, and given its own only when nobody else was faster. */
function create(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${process.pid}-${threadId}.new`
  rmSync(draft, { force: true })
  try {
    const db = new DatabaseSync(draft)
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA application_id = ${APPLICATION}`)
    migrate(db)
    db.close()
    linkSync(draft, file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

function identify(db: DatabaseSync, file: string): void {
  if (pragma(db, 'application_id') !== APPLICATION) throw new Error(`${file} is not a Parley log`)
  const version = pragma(db, 'user_version')
  if (version > migrations.length)
    throw new Error(`${file} was written by a newer Parley (format ${version}, this one knows ${migrations.length})`)
}

interface LastTime {
  readonly clean: boolean
  readonly durability: string
  readonly boot: string
}

function lastTime(db: DatabaseSync): LastTime {
  const row = db.prepare('SELECT clean, durability, boot FROM state').get()
  return { clean: int(row?.clean) === 1, durability: text(row?.durability), boot: text(row?.boot) }
}

/** A process that crashed loses nothing. A machine that did may lose what was not synced to the disk. */
function mayHaveLost({ clean, durability, boot }: LastTime): boolean {
  return !clean && durability === 'normal' && (boot === '' || boot !== bootId())
}

/** Which start of the machine this is; '' where it cannot be known. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}

function verify(db: DatabaseSync, file: string, bytes: number, thorough: boolean, clean: boolean): string[] {
  if (!thorough && bytes > QUICK_BYTES) return [`${file} is too large to be checked at every start`]
  const check = thorough || bytes <= THOROUGH_BYTES ? 'integrity_check' : 'quick_check'
  const finding = text(db.prepare(`PRAGMA ${check}(1)`).get()?.[check])
  if (finding !== 'ok') throw new Error(`${file} is damaged (${oneLine(finding)}): restore it from a backup`)
  return clean ? [] : [`the last use of ${file} ended without closing it; it was checked and is whole`]
}

function configure(db: DatabaseSync, { durability }: FileOptions): void {
  // fullfsync matters on macOS alone, where a plain fsync leaves data in the drive's cache.
  db.exec(`
    PRAGMA synchronous = ${durability === 'full' ? 'FULL' : 'NORMAL'};
    PRAGMA fullfsync = ${durability === 'full' ? 1 : 0};
    PRAGMA checkpoint_fullfsync = 1;
    PRAGMA journal_size_limit = ${WAL_LIMIT_BYTES};
    PRAGMA cache_size = -16384;
    PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
    PRAGMA temp_store = MEMORY;
    PRAGMA secure_delete = ON;
  `)
}

function bound(db: DatabaseSync, maxBytes: number | undefined): void {
  if (maxBytes !== undefined) db.exec(`PRAGMA max_page_count = ${Math.ceil(maxBytes / pragma(db, 'page_size'))}`)
}

function migrate(db: DatabaseSync): void {
  for (let version = pragma(db, 'user_version'); version < migrations.length; version += 1)
    db.exec(`BEGIN IMMEDIATE; ${migrations[version]}; PRAGMA user_version = ${version + 1}; COMMIT`)
}

function pragma(db: DatabaseSync, name: string): number {
  return int(db.prepare(`PRAGMA ${name}`).get()?.[name])
}

function explain(error: unknown, file: string): unknown {
  const code = resultCode(error)
  if (code === undefined && error instanceof Error && !('code' in error)) return error
  if (code === SQLITE.busy) return new Error(`${file} is in use by another process`, { cause: error })
  if (code === SQLITE.notADatabase) return new Error(`${file} is not a Parley log`, { cause: error })
  const why = error instanceof Error ? oneLine(error.message) : String(error)
  if (code === SQLITE.corrupt)
    return new Error(`${file} is damaged (${why}): restore it from a backup`, { cause: error })
  return new Error(`${file} cannot be opened: ${why}`, { cause: error })
}

function oneLine(message: string): string {
  return message.trim().replaceAll(/\s*\n\s*/g, '; ')
}
