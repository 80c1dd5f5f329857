// Images that stand together in a message, and the way to see each of them whole.
import type { Attachment } from '@parley/protocol'
import { useState } from 'react'
import { Lightbox } from './lightbox.tsx'
import { Picture } from './picture.tsx'
import './gallery.css'

/** More are seen in the lightbox only. */
const MOST = 9

interface Props {
  readonly images: readonly Attachment[]
  /** All of the message, these among them. */
  readonly all: readonly Attachment[]
}

export function Gallery({ images, all }: Props) {
  const [open, setOpen] = useState<Attachment>()
  const shown = images.slice(0, MOST)
  return (
    <div className="gallery" data-count={shown.length}>
      {shown.map((image, index) => (
        <Picture
          key={image.id}
          image={image}
          alone={shown.length === 1}
          more={index === MOST - 1 ? images.length - MOST : 0}
          onOpen={() => setOpen(image)}
        />
      ))}
      {open !== undefined && <Lightbox images={all} image={open} onGo={setOpen} onClose={() => setOpen(undefined)} />}
    </div>
  )
}
