// An image in a message. Its place is as large as it will be, so nothing moves when it comes.
import type { Attachment } from '@parley/protocol'
import { useRef, useState } from 'react'
import { hasThumbnail } from './preview.tsx'
import { Unavailable } from './unavailable.tsx'
import { useNear } from './use-near.ts'
import { useSource } from './use-source.ts'
import './picture.css'

interface Props {
  readonly image: Attachment
  /** Alone it has its own shape; among others it is cut to a square. */
  readonly alone: boolean
  /** How many more are not shown. */
  readonly more?: number
  readonly onOpen: () => void
}

export function Picture({ image, alone, more = 0, onOpen }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const near = useNear(place)
  const [shown, setShown] = useState(false)
  const { name } = image
  const { url, trouble, failed, again } = useSource(image, { thumbnail: hasThumbnail(image), wanted: near })
  return (
    <div
      className="picture"
      ref={place}
      style={alone ? shapeOf(image) : undefined}
      data-alone={alone}
      data-shown={shown}
    >
      {trouble === undefined ? (
        <button type="button" aria-label={`Open ${name}`} title={name} aria-haspopup="dialog" onClick={onOpen}>
          {url !== undefined && (
            <img src={url} alt={name} draggable={false} onLoad={() => setShown(true)} onError={failed} />
          )}
          {more > 0 && <span className="picture-more">+{more}</span>}
        </button>
      ) : (
        <Unavailable file={image} trouble={trouble} onAgain={again} />
      )}
    </div>
  )
}

/** What is much longer than wide, or the other way round, is cut. */
const MOST = 2.5
const HEIGHT_REM = 20

function shapeOf({ width, height }: Attachment): { readonly aspectRatio: string; readonly inlineSize: string } {
  if (width === undefined || height === undefined || width === 0 || height === 0)
    return { aspectRatio: '4 / 3', inlineSize: '16rem' }
  const ratio = Math.min(Math.max(width / height, 1 / MOST), MOST)
  return {
    aspectRatio: `${ratio}`,
    inlineSize: `min(${Math.max(width, 64)}px, ${(HEIGHT_REM * ratio).toFixed(2)}rem, var(--file-width))`,
  }
}
