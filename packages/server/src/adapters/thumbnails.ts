// Small pictures of images, where the package `sharp` is installed beside this one.
import type { Journal } from '../seams/journal.ts'

type Sharp = typeof import('sharp')['default']

const SIDE = 640
/** Images of more pixels are not opened: a small file may hold very many. */
const MOST_PIXELS = 60_000_000
const SECONDS = 10

/** Makes a WebP of at most {@link SIDE} pixels a side; undefined where that cannot be done. */
export function thumbnails(journal: Journal): (image: Uint8Array) => Promise<Uint8Array | undefined> {
  let loading: Promise<Sharp | undefined> | undefined
  return async (image) => {
    loading ??= load(journal)
    const sharp = await loading
    if (sharp === undefined) return undefined
    try {
      return await sharp(image, { limitInputPixels: MOST_PIXELS, failOn: 'error' })
        .rotate()
        .resize(SIDE, SIDE, { fit: 'inside', withoutEnlargement: true })
        .webp({ quality: 80 })
        .timeout({ seconds: SECONDS })
        .toBuffer()
    } catch {
      // What no picture can be made of is shown as it is, or not at all.
      return undefined
    }
  }
}

/** One image at a time, on one thread: chat goes first. */
async function load(journal: Journal): Promise<Sharp | undefined> {
  try {
    const { default: sharp } = await import('sharp')
    sharp.concurrency(1)
    sharp.cache(false)
    return sharp
  } catch {
    journal.info('images come in their full size, for the package "sharp" is not installed')
    return undefined
  }
}
