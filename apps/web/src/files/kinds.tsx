// What kind of a file something is: how it can be shown, and the picture that stands for it.
import type { AttachedPart, Attachment } from '@parley/protocol'
import type { ReactNode } from 'react'
import { Film, Note, Page, Parcel, Photo, Table } from '../icons.tsx'

/** What browsers show, and the server lets them show. */
const PICTURES = /^image\/(?:png|jpeg|gif|webp|avif)$/u
const FILMS = /^video\/(?:mp4|webm)$/u

export type Look = 'picture' | 'sound' | 'film' | 'card'

/** How a file is shown in a message. What was said to be had is not looked at. */
export function lookOf({ type, attachment: { mediaType } }: AttachedPart): Look {
  if (type === 'image' && PICTURES.test(mediaType)) return 'picture'
  if (type === 'audio') return 'sound'
  return FILMS.test(mediaType) ? 'film' : 'card'
}

/** Whether a browser can show it as a picture, as far as its type tells. */
export function isPicture({ mediaType }: Pick<Attachment, 'mediaType'>): boolean {
  return PICTURES.test(mediaType)
}

const pictures: readonly (readonly [RegExp, ReactNode])[] = [
  [/^image\//u, <Photo key="photo" />],
  [/^audio\//u, <Note key="note" />],
  [/^video\//u, <Film key="film" />],
  [/spreadsheet|excel|csv/u, <Table key="table" />],
  [/zip|tar|7z|zstd|compressed/u, <Parcel key="parcel" />],
]

export function KindIcon({ mediaType }: Pick<Attachment, 'mediaType'>) {
  return pictures.find(([pattern]) => pattern.test(mediaType))?.[1] ?? <Page />
}
