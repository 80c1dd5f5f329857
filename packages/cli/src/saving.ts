// A file of a room as one of this machine: written beside, and moved to its place when all of it is there and is what it should be.
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Attachment, fileNameOf } from '@parley/protocol'
import { Ending, messageOf } from './ending.ts'
import { oneLine } from './printable.ts'

export interface SaveOptions {
  /** It takes the place of a file that is there. Default: false. */
  readonly force?: boolean
  readonly signal: AbortSignal
}

/**
 * Resolves with where it is: `to`, or under its own name in `to` where that is a folder. Rejects where something is there
 * already, with why `bytes` end before their time, and with the signal's reason; then nothing is left behind.
 */
export async function saveAs(
  bytes: AsyncIterable<Uint8Array>,
  file: Pick<Attachment, 'name'>,
  to: string,
  { force = false, signal }: SaveOptions,
): Promise<string> {
  const path = (await kindOf(to)) === 'folder' ? join(to, ownName(file)) : to
  await mayBeWritten(path, force)
  const part = `${path}.part`
  if (force) await rm(part, { force })
  const handle = await begin(part)
  try {
    await pipeline(bytes, handle.createWriteStream({ flush: true }), { signal })
    await mayBeWritten(path, force)
    await rename(part, path)
    return path
  } catch (cause) {
    await rm(part, { force: true })
    signal.throwIfAborted()
    throw cause
  }
}

/** Never a file that is there, for somebody else may be writing it. */
async function begin(part: string): Promise<FileHandle> {
  try {
    return await open(part, 'wx')
  } catch (cause) {
    const why = isThere(cause) ? 'exists: it is being saved, or was cut short' : `can't be written: ${messageOf(cause)}`
    throw new Ending('failure', `${oneLine(part)} ${oneLine(why)}`, { cause })
  }
}

/** Its own name, which somebody else has chosen, as one that is seen and configures nothing. */
function ownName({ name }: Pick<Attachment, 'name'>): string {
  return fileNameOf(name).replace(/^\.+/, '') || 'file'
}

async function mayBeWritten(path: string, force: boolean): Promise<void> {
  const kind = await kindOf(path)
  if (kind === 'nothing' || (kind === 'file' && force)) return
  throw new Ending('failure', `${oneLine(path)} exists already`)
}

async function kindOf(path: string): Promise<'nothing' | 'file' | 'folder' | 'other'> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) return 'nothing'
  return found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other'
}

function isThere(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'
}

/** The same bytes; `counts` hears how many there were so far. */
export async function* counted(bytes: AsyncIterable<Uint8Array>, counts: (bytes: number) => void) {
  let all = 0
  for await (const some of bytes) {
    yield some
    all += some.length
    counts(all)
  }
}
