// What the model servers for tests share: a port of their own, and a note of every request.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'

export interface FakeRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  /** Parsed JSON; undefined where there was none. */
  readonly body: unknown
  /** Settles when the exchange is over: `answered` when all was sent, `dropped` when the line went before that. */
  readonly ended: Promise<'answered' | 'dropped'>
}

export function noted(request: IncomingMessage, response: ServerResponse, body: unknown): FakeRequest {
  const { method = '', url = '', headers } = request
  const ended = new Promise<'answered' | 'dropped'>((resolve) => {
    response.once('close', () => resolve(response.writableFinished ? 'answered' : 'dropped'))
  })
  return { method, path: url, headers, body, ended }
}

export async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = ''
  request.setEncoding('utf8')
  for await (const chunk of request) text += chunk
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Listens on a free port of 127.0.0.1. */
export async function listening(server: Server): Promise<{ readonly origin: string; close(): Promise<void> }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the fake model server has no port')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
