// `fetch` with the same headers and the same trust as the command's socket: as much of it as downloads need.
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { type Trust, tlsOf } from './http.ts'

/** A server that sends nothing for so long is gone. */
const SILENT_MS = 60_000

/** The platform's own where nothing special is wanted; else one that follows no redirects and sends no bodies. */
export function fetchWith(trust: Trust): typeof fetch {
  const plain = trust.ca === undefined && trust.insecure !== true && Object.keys(trust.headers).length === 0
  return plain ? fetch : (asked, more) => request(new Request(asked, more), more?.signal ?? undefined, trust)
}

function request({ url, method, headers }: Request, signal: AbortSignal | undefined, trust: Trust): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<Response>()
  const how = new URL(url).protocol === 'https:' ? httpsRequest : httpRequest
  const asked = how(url, {
    method,
    headers: { ...trust.headers, ...Object.fromEntries(headers) },
    ...tlsOf(trust),
    timeout: SILENT_MS,
    ...(signal === undefined ? {} : { signal }),
  })
  asked.on('error', reject)
  asked.once('timeout', () => asked.destroy(new Error('the server has fallen silent')))
  asked.once('response', (answer) => resolve(responseOf(answer, method)))
  asked.end()
  return promise
}

function responseOf(answer: IncomingMessage, method: string): Response {
  const { statusCode: status = 0, statusMessage: statusText = '', headersDistinct } = answer
  const headers = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  )
  const bare = method === 'HEAD' || status === 204 || status === 304
  if (bare) answer.resume()
  return new Response(bare ? null : streamOf(answer), { status, statusText, headers })
}

/** The body, no faster than it is read. */
function streamOf(answer: IncomingMessage): ReadableStream<Uint8Array<ArrayBuffer>> {
  const bytes: AsyncIterator<Buffer<ArrayBuffer>> = answer[Symbol.asyncIterator]()
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await bytes.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: () => void answer.destroy(),
    },
    { highWaterMark: 0 },
  )
}
