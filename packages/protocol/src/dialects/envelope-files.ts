// Files in the envelope dialect: as `metadata` of messages, and on their way to the server.
import type { InlinePart, NamedPart, SentPart, UploadBegun } from '../command.ts'
import { type AttachedPart, type Attachment, isAttached, type Part } from '../event.ts'
import { invalid, isBase64, isFields, isFileName } from '../parse.ts'
import type { Problem } from '../problem.ts'
import type { RoomId } from '../words.ts'
import { fileUrl, idOfFile } from './file-url.ts'

type Fields = { readonly [key: string]: unknown }

function isKind(value: unknown): value is AttachedPart['type'] {
  return value === 'image' || value === 'audio' || value === 'file'
}

/** What `metadata` says of files; the rest of it is the application's own. */
export interface FilesSaid {
  readonly parts: readonly SentPart[]
  readonly meta: Fields
}

/** `{type: file|image|audio, fileUrl | data, fileName?}`, and more of them in `attachments`. */
export function filesIn(metadata: Fields): FilesSaid | Problem {
  const { type, fileUrl: url, fileName, data, attachments = [], ...meta } = metadata
  const first = isKind(type) ? [{ type, fileUrl: url, fileName, data }] : []
  if (!Array.isArray(attachments)) return invalid('payload.metadata.attachments must be a list', 'payload.metadata')
  const more: readonly unknown[] = attachments
  const parts: SentPart[] = []
  for (const item of [...first, ...more.filter((one) => !isSame(one, url))]) {
    const part = isFields(item) ? fileIn(item) : undefined
    if (part === undefined)
      return invalid(
        'a file is {type:"image|audio|file", fileUrl} of a file of your own, or with data',
        'payload.metadata',
      )
    parts.push(part)
  }
  return { parts, meta }
}

/** As messages are told, the first file stands in the list as well. */
function isSame(item: unknown, url: unknown): boolean {
  return isFields(item) && url !== undefined && item.fileUrl === url
}

function fileIn({ type, fileUrl: url, fileName = 'file', data }: Fields): NamedPart | InlinePart | undefined {
  if (!isKind(type)) return undefined
  const id = idOfFile(url)
  if (id !== undefined) return { type, attachment: { id } }
  return isBase64(data) && isFileName(fileName) ? { type, name: fileName, base64: data } : undefined
}

/** `metadata` of a message with these parts. */
export function metadataOf(parts: readonly Part[], meta: object | undefined): object {
  const files = parts.filter(isAttached).map(fileOf)
  const [first] = files
  if (first === undefined) return { type: 'text', ...meta }
  return { ...meta, ...first, ...(files.length === 1 ? {} : { attachments: files }) }
}

function fileOf({ type, attachment }: AttachedPart): object {
  return { type, ...attachmentOf(attachment) }
}

/** A file as it is told. */
export function attachmentOf(attachment: Attachment): object {
  const { id, name: fileName, ...more } = attachment
  return { attachmentId: id, fileUrl: fileUrl(attachment), fileName, ...more }
}

/** The payload of `uploadStarted`. */
export function begunOf({ room: roomId, id: uploadId, channel, confirmed, window, pieceBytes }: UploadBegun): object {
  return { roomId, uploadId, channel, confirmed, window, pieceBytes }
}

/** The fields of the native command about an upload. */
export function uploadOf(type: 'upload' | 'attach' | 'abandon', room: RoomId, payload: Fields): Fields {
  const { uploadId: id, fileName: name, size, sha256 } = payload
  return { type, room, id, name, size, sha256 }
}
