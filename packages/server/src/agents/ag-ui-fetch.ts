// The way to an AG-UI server over a line that may break.
import type { HttpAgent } from '@ag-ui/client'

type Fetch = HttpAgent['fetch']

/** The line broke in the middle of an answer. Its text is for the user: the library tells it as the run's error. */
export class Cut extends Error {
  constructor(cause: unknown) {
    super('The connection to the agent broke in the middle of the answer. Ask again to get all of it.', { cause })
    // Of any other name, the library would throw it where nobody could catch it.
    this.name = 'AbortError'
  }
}

/** The same fetch, whose responses break with {@link Cut}. */
export function calmly(fetch: Fetch): Fetch {
  return async (url, init) => {
    const response = await fetch(url, init)
    const { ok, status, headers, body } = response
    return ok && body !== null ? new Response(calm(body), { status, headers }) : response
  }
}

function calm(body: ReadableStream<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader()
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read()
        if (done) controller.close()
        else controller.enqueue(value)
      } catch (cause) {
        controller.error(new Cut(cause))
      }
    },
    cancel: (reason) => reader.cancel(reason),
  })
}
