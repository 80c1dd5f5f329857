// What a message is made of, as it is shown: images that follow each other stand together.
import { type AttachedPart, type Attachment, isAttached, type Part } from '@parley/protocol'
import { type Look, lookOf } from './kinds.tsx'

export type Piece =
  | { readonly type: 'part'; readonly key: string; readonly part: Exclude<Part, AttachedPart> }
  | { readonly type: 'images'; readonly key: string; readonly images: readonly Attachment[] }
  | { readonly type: 'file'; readonly key: string; readonly file: Attachment; readonly look: Exclude<Look, 'picture'> }

/** Parts never change places: where one stands is what it is known by. */
export function piecesOf(parts: readonly Part[]): readonly Piece[] {
  const pieces: Piece[] = []
  for (const [index, part] of parts.entries()) {
    const key = `part ${index}`
    const before = pieces.at(-1)
    if (!isAttached(part)) pieces.push({ type: 'part', key, part })
    else if (!isImage(part)) pieces.push({ type: 'file', key, file: part.attachment, look: otherLook(part) })
    else if (before?.type === 'images') pieces.splice(-1, 1, { ...before, images: [...before.images, part.attachment] })
    else pieces.push({ type: 'images', key, images: [part.attachment] })
  }
  return pieces
}

export function imagesIn(parts: readonly Part[]): readonly Attachment[] {
  return parts
    .filter(isAttached)
    .filter(isImage)
    .map(({ attachment }) => attachment)
}

function isImage(part: AttachedPart): boolean {
  return lookOf(part) === 'picture'
}

function otherLook(part: AttachedPart): Exclude<Look, 'picture'> {
  const look = lookOf(part)
  return look === 'picture' ? 'card' : look
}

/** In the order in which they are best looked at: images together, what is only saved last. */
export function arranged(files: readonly AttachedPart[]): readonly AttachedPart[] {
  const places: readonly Look[] = ['picture', 'film', 'sound', 'card']
  return files.toSorted((one, other) => places.indexOf(lookOf(one)) - places.indexOf(lookOf(other)))
}
