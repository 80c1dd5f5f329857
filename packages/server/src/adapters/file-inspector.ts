// What files are, by their bytes. What takes long or may go wrong is done in a thread of its own, with a limit of time.
import { fileTypeFromBuffer } from 'file-type'
import type { Findings, Inspector } from '../seams/inspect.ts'
import type { Journal } from '../seams/journal.ts'
import { InspectorThread } from './file-inspector-thread.ts'
import { isText } from './text-type.ts'
import { thumbnails } from './thumbnails.ts'

/** Of what is larger, only the beginning is looked at. */
const LOOK_BYTES = 32 * 1024 * 1024

export function fileInspector(journal: Journal): Inspector {
  const thread = new InspectorThread(journal)
  const thumbnail = thumbnails(journal)

  return {
    async typeOf(head) {
      // Not the whole of it is there: what ends too early is of no type that this could tell.
      const found = await fileTypeFromBuffer(head).catch(() => undefined)
      const [mediaType] = (found?.mime ?? '').split(';')
      if (mediaType !== undefined && mediaType !== '') return mediaType
      return isText(head) ? 'text/plain' : 'application/octet-stream'
    },
    async inspect(mediaType, size, read) {
      if (!/^(?:image|audio|video)\//u.test(mediaType)) return { mediaType }
      const bytes = await beginning(read(), LOOK_BYTES)
      const found: Findings | undefined = await thread.look({ mediaType, size, bytes })
      return found ?? { mediaType }
    },
    async thumbnail(mediaType, read) {
      return mediaType.startsWith('image/') ? thumbnail(await beginning(read(), LOOK_BYTES)) : undefined
    },
    close: () => thread.close(),
  }
}

/** In memory of its own, so that it can be handed to another thread. */
async function beginning(bytes: AsyncIterable<Uint8Array>, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of bytes) {
    pieces.push(piece)
    length += piece.length
    if (length >= most) break
  }
  const whole = new Uint8Array(Math.min(length, most))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece.subarray(0, whole.length - at), at)
    at += piece.length
  }
  return whole
}
