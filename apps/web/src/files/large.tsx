// A whole image, over its thumbnail until it has come.
import type { Attachment } from '@parley/protocol'
import { hasThumbnail } from './preview.tsx'
import { Unavailable } from './unavailable.tsx'
import { useSource } from './use-source.ts'

interface Props {
  readonly image: Attachment
}

export function Large({ image }: Props) {
  const { name, width, height } = image
  const small = useSource(image, { thumbnail: hasThumbnail(image) })
  const whole = useSource(image)
  const known = width !== undefined && height !== undefined && width > 0 && height > 0
  return (
    <div className="lightbox-stage">
      {whole.trouble !== undefined ? (
        <Unavailable file={image} trouble={whole.trouble} onAgain={whole.again} />
      ) : (
        <div className="lightbox-place" style={known ? placeOf(width, height) : undefined} data-known={known}>
          {small.url !== undefined && known && <img src={small.url} alt="" onError={small.failed} />}
          {whole.url !== undefined && <img src={whole.url} alt={name} onError={whole.failed} />}
        </div>
      )}
    </div>
  )
}

/** As large as it is, where there is room. */
function placeOf(width: number, height: number) {
  return { aspectRatio: `${width} / ${height}`, inlineSize: `min(${width}px, 100cqw, 100cqh * ${width / height})` }
}

/** Loads the one that will be looked at next. */
export function Ahead({ image }: Props) {
  const { url } = useSource(image)
  return url === undefined ? null : <img src={url} alt="" hidden />
}
