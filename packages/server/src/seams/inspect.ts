// What a file is, as its bytes tell: never its name.
import type { Attachment } from '@parley/protocol'

export type Findings = Pick<Attachment, 'mediaType' | 'width' | 'height' | 'durationMs' | 'peaks'>

export interface Inspector {
  /** The type that the first bytes tell (at least 4,100, where there are as many). */
  typeOf(head: Uint8Array): Promise<string>
  /** What else is to be known of it. Never rejects for what is in the file: what cannot be read is not known. */
  inspect(mediaType: string, size: number, read: () => AsyncIterable<Uint8Array>): Promise<Findings>
  /** A small picture of an image, and its type; undefined where none can be made. */
  thumbnail(mediaType: string, read: () => AsyncIterable<Uint8Array>): Promise<Uint8Array | undefined>
  close(): Promise<void>
}

/** Of what type thumbnails are. */
export const THUMBNAIL = 'image/webp'
