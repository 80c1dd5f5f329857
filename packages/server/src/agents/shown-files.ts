// Files of a conversation as models can take them: the content of those that fit, the newest first, and words about all others.
import { type Attachment, attachmentsOf, type Message } from '@parley/protocol'
import type { Turn } from '../seams/agent.ts'
import { THUMBNAIL } from '../seams/inspect.ts'

/** What a model takes. */
export interface Appetite {
  /** Whether it takes files of this type as they are. */
  takes(mediaType: string): boolean
  /** Bytes of one file. */
  readonly fileBytes: number
  /** Bytes of all files of one request. */
  readonly bytes: number
  /** Whether texts are told as words. */
  readonly texts: boolean
}

export type Shown =
  | { readonly as: 'bytes'; readonly mediaType: string; readonly base64: string }
  | { readonly as: 'text'; readonly text: string }

/** By the file's id. What is not in it can only be told about. */
export type Shelf = ReadonlyMap<string, Shown>

export const nothingShown: Shelf = new Map()

/** Characters of a text that are told. */
const MOST_TEXT = 100_000

/** The files of these messages, oldest first, that can be shown. Those that cannot be read are not: the answer goes on without. */
export async function shelfOf(
  { files }: Pick<Turn, 'files'>,
  messages: readonly Message[],
  appetite: Appetite,
): Promise<Shelf> {
  const shelf = new Map<string, Shown>()
  let left = appetite.bytes
  const all = messages.flatMap(({ parts, redacted }) => (redacted === true ? [] : attachmentsOf(parts)))
  for (const attachment of all.toReversed()) {
    if (shelf.has(attachment.id) || left <= 0) continue
    const shown = await show(files, attachment, { ...appetite, bytes: left }).catch(() => undefined)
    if (shown === undefined) continue
    left -= shown.as === 'text' ? shown.text.length : (shown.base64.length * 3) / 4
    shelf.set(attachment.id, shown)
  }
  return shelf
}

async function show(files: Turn['files'], attachment: Attachment, appetite: Appetite): Promise<Shown | undefined> {
  const { id, mediaType, size } = attachment
  const most = Math.min(appetite.fileBytes, appetite.bytes)
  if (mediaType === 'text/plain' && appetite.texts) return { as: 'text', text: await textOf(files.read(id), size) }
  if (appetite.takes(mediaType) && size <= most)
    return { as: 'bytes', mediaType, base64: (await bytesOf(files.read(id))).toString('base64') }
  // Too large, or of a kind that few can see: small it may do.
  if (!mediaType.startsWith('image/') || !appetite.takes(THUMBNAIL)) return undefined
  const small = await files.preview(id)
  if (small === undefined || small.length > most) return undefined
  return { as: 'bytes', mediaType: THUMBNAIL, base64: Buffer.from(small).toString('base64') }
}

/** What a model hears of a file that it is not shown. */
export function wordsAbout({ name, mediaType, size, durationMs }: Attachment): string {
  const length = durationMs === undefined ? '' : `, ${Math.round(durationMs / 1000)} s long`
  return `[the file "${name}", ${mediaType}, ${size} bytes${length}, which cannot be shown to you]`
}

async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const piece of pieces) all.push(piece)
  return Buffer.concat(all)
}

/** As much of it as is told. */
async function textOf(pieces: AsyncIterable<Uint8Array>, size: number): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const piece of pieces) {
    text += decoder.decode(piece, { stream: true })
    if (text.length > MOST_TEXT) break
  }
  return text.length <= MOST_TEXT ? text : `${text.slice(0, MOST_TEXT)}\n… (cut: the whole file has ${size} bytes)`
}
