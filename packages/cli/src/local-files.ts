// Files of this machine that are to be sent: found by their path, and read only as they are sent.
import { createHash } from 'node:crypto'
import { type BigIntStats, openAsBlob } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import type { Room, UploadOptions, UploadSource } from '@parley/client'
import { type AttachedPart, fileNameOf, Refusal } from '@parley/protocol'
import { Ending, messageOf } from './ending.ts'
import { oneLine } from './printable.ts'

export interface LocalFile {
  readonly name: string
  readonly from: UploadSource
  /** Bytes, where that is known. */
  readonly size: number | undefined
  /** Of its upload: the same as long as it is the same file. Absent: it cannot be had again. */
  readonly id?: string
}

/** Nothing of it is read yet. Rejects with an {@link Ending} that names the path. */
export async function openLocal(path: string, called: string = basename(path)): Promise<LocalFile> {
  const found = await fileAt(path)
  const name = fileNameOf(called)
  try {
    const from = await openAsBlob(path)
    return { name, from, size: from.size, id: idOf(await realpath(path), name, found) }
  } catch (cause) {
    throw new Ending('failure', `${oneLine(path)} can't be read`, { cause })
  }
}

async function fileAt(path: string): Promise<BigIntStats> {
  const found = await stat(path, { bigint: true }).catch((cause: unknown) => {
    throw new Ending('failure', `${oneLine(path)} can't be read: ${oneLine(messageOf(cause))}`, { cause })
  })
  if (!found.isFile()) throw new Ending('failure', `${oneLine(path)} is no file`)
  return found
}

/**
 * Where it is counts too, and when anything of it was changed: many files that were unpacked together have one name, one
 * size and one date, and none of them may be taken for another.
 */
function idOf(place: string, name: string, { size, mtimeNs, ctimeNs, ino }: BigIntStats): string {
  const known = [place, name, size, mtimeNs, ctimeNs, ino].join('\0')
  return createHash('sha256').update(known).digest('hex').slice(0, 32)
}

/** Sends it; whatever goes wrong names it. */
export async function sendLocal(room: Room, { name, from, id }: LocalFile, how: UploadOptions): Promise<AttachedPart> {
  try {
    return await room.upload(from, { ...how, name, ...(id === undefined ? {} : { id }) })
  } catch (cause) {
    if (cause instanceof Refusal) throw about(name, cause)
    if (cause instanceof DOMException && cause.name === 'NotReadableError')
      throw new Ending('failure', `${oneLine(name)} was changed while it was sent, or can't be read any more`, {
        cause,
      })
    throw cause
  }
}

function about(name: string, { problem: { code, message, ...more } }: Refusal): Refusal {
  return new Refusal(code, `${message}: ${oneLine(name)}`, more)
}

/** `~` is the home folder, as a shell would have it. */
export function homely(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path
}
