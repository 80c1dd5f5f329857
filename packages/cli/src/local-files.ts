// Files of this machine that are to be sent: found by their path, and read only as they are sent.
import { openAsBlob, type Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
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
}

/** Nothing of it is read yet. Rejects with an {@link Ending} that names the path. */
export async function openLocal(path: string, called: string = basename(path)): Promise<LocalFile> {
  const { mtimeMs } = await fileAt(path)
  const name = fileNameOf(called)
  try {
    // Name, size and date are what the client knows it by when it is sent again.
    const from = new File([await openAsBlob(path)], name, { lastModified: Math.floor(mtimeMs) })
    return { name, from, size: from.size }
  } catch (cause) {
    throw new Ending('failure', `${oneLine(path)} can't be read`, { cause })
  }
}

async function fileAt(path: string): Promise<Stats> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new Ending('failure', `${oneLine(path)} can't be read: ${oneLine(messageOf(cause))}`, { cause })
  })
  if (!found.isFile()) throw new Ending('failure', `${oneLine(path)} is no file`)
  return found
}

/** Sends it; whatever goes wrong names it. */
export async function sendLocal(room: Room, { name, from }: LocalFile, how: UploadOptions): Promise<AttachedPart> {
  try {
    return await room.upload(from, { ...how, name })
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
