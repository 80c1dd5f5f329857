// What files are, for worlds without threads: a few types by their first bytes, and the size that a PNG says it has.
import type { Findings, Inspector } from '@parley/server'

const MAGIC: readonly (readonly [mediaType: string, ...bytes: number[]])[] = [
  ['image/png', 0x89, 0x50, 0x4e, 0x47],
  ['image/jpeg', 0xff, 0xd8, 0xff],
  ['application/x-elf', 0x7f, 0x45, 0x4c, 0x46],
]

export const plainInspector: Inspector = {
  async typeOf(head) {
    const found = MAGIC.find(([, ...bytes]) => bytes.every((byte, index) => head[index] === byte))
    return found?.[0] ?? 'text/plain'
  },
  async inspect(mediaType, _size, read): Promise<Findings> {
    if (mediaType !== 'image/png') return { mediaType }
    for await (const bytes of read()) {
      if (bytes.length < 24) break
      const head = new DataView(bytes.buffer, bytes.byteOffset, 24)
      return { mediaType, width: head.getUint32(16), height: head.getUint32(20) }
    }
    return { mediaType }
  },
  thumbnail: async () => undefined,
  close: async () => undefined,
}
