// Files as they stand in a message.
import type { Attachment, Part } from '@parley/protocol'
import { AudioPlayer } from './audio-player.tsx'
import { FileCard } from './file-card.tsx'
import { FilmView } from './film.tsx'
import { Gallery } from './gallery.tsx'
import { imagesIn, type Piece } from './pieces.ts'
import './attached.css'

interface Props {
  readonly piece: Exclude<Piece, { readonly type: 'part' }>
  /** All that the message is made of. */
  readonly parts: readonly Part[]
}

export function Attached({ piece, parts }: Props) {
  return (
    <div className="attached">
      {piece.type === 'images' ? (
        <Gallery images={piece.images} all={imagesIn(parts)} />
      ) : (
        looks[piece.look](piece.file)
      )}
    </div>
  )
}

const looks = {
  sound: (file: Attachment) => <AudioPlayer sound={file} />,
  film: (file: Attachment) => <FilmView film={file} />,
  card: (file: Attachment) => <FileCard file={file} />,
}
