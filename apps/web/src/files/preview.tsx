// A small picture of a chosen image: from the bytes that are here, and from the server once it has them.
import type { Chosen } from '@parley/client'
import type { Attachment } from '@parley/protocol'
import { useState } from 'react'
import { Photo } from '../icons.tsx'
import { useObjectUrl } from './use-object-url.ts'
import { useSource } from './use-source.ts'

export function Preview({ chosen: { file, part } }: { readonly chosen: Chosen }) {
  const [arrived, setArrived] = useState(false)
  /** It is called an image, and is none. */
  const [wrong, setWrong] = useState(false)
  const here = useObjectUrl(arrived || wrong ? undefined : file)
  return (
    <span className="chosen-picture">
      {here === undefined && !arrived && <Photo />}
      {here !== undefined && <img src={here} alt="" draggable={false} onError={() => setWrong(true)} />}
      {part !== undefined && <FromServer attachment={part.attachment} onShown={() => setArrived(true)} />}
    </span>
  )
}

/** What the message will show is loaded here already. */
function FromServer({ attachment, onShown }: { readonly attachment: Attachment; readonly onShown: () => void }) {
  const { url, failed } = useSource(attachment, { thumbnail: hasThumbnail(attachment) })
  return url === undefined ? null : <img src={url} alt="" draggable={false} onLoad={onShown} onError={failed} />
}

/** What moves would stand still in a thumbnail. */
export function hasThumbnail({ mediaType }: Pick<Attachment, 'mediaType'>): boolean {
  return mediaType !== 'image/gif'
}
