// The thread that looks into images and sounds. What goes wrong here ends nothing else.
import { parentPort } from 'node:worker_threads'
import type { Findings } from '../seams/inspect.ts'
import type { Look, Seen } from './file-inspector-thread.ts'

if (parentPort === null) throw new Error('this file is run as a worker')
const port = parentPort
port.on('message', (look: Look) => {
  inspect(look).then(
    (found) => port.postMessage({ found } satisfies Seen),
    (cause: unknown) => port.postMessage({ failed: String(cause) } satisfies Seen),
  )
})

async function inspect({ mediaType, size, bytes }: Look): Promise<Findings> {
  if (!mediaType.startsWith('image/')) {
    const { listen } = await import('./sound.ts')
    return listen(mediaType, size, bytes)
  }
  const { imageSize } = await import('image-size')
  const { width, height, orientation = 1 } = imageSize(bytes)
  // A photo that lies on its side is shown upright.
  return orientation >= 5 ? { mediaType, width: height, height: width } : { mediaType, width, height }
}
