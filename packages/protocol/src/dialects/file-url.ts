// How a file is called outside: the path under which this server gives it to whoever may have it.
import type { Attachment } from '../event.ts'
import { isId } from '../words.ts'

/** Of this server, or as it is called from outside; what follows the id says who may have it, and is not looked at. */
const URL_OF_FILE = /^(?:https?:\/\/[^/?#]+)?\/api\/attachments\/([^/?#]+)(?:[?#].*)?$/u
const LONGEST = 8_192

/** The path of a file. Reading it needs a token. */
export function fileUrl({ id }: Pick<Attachment, 'id'>): string {
  return `/api/attachments/${id}`
}

/** The id in a file's URL; undefined where that is none of a server's files. Nothing is ever fetched. */
export function idOfFile(url: unknown): string | undefined {
  const id = typeof url === 'string' && url.length <= LONGEST ? URL_OF_FILE.exec(url)?.[1] : undefined
  return isId(id) ? id : undefined
}
