// The tool server on the web: a handler of web requests behind a port of this machine.
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import {
  createMcpHandler,
  type McpServer,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server'

type Handle = (request: Request) => Promise<Response>

export interface Web {
  readonly url: string
  /** Headers of all requests so far. */
  readonly headers: readonly IncomingMessage['headers'][]
  /** From here on other code answers, as after a restart. */
  replace(handle: Handle): void
  close(): Promise<void>
}

/** Speaks both generations of the protocol and remembers nobody. */
export function stateless(make: () => McpServer): Handle {
  return createMcpHandler(make).fetch
}

/** Speaks the older generation, and knows its clients by a session. */
export function stateful(make: () => McpServer): Handle {
  const known = new Map<string, WebStandardStreamableHTTPServerTransport>()
  return async (request) => {
    const id = request.headers.get('mcp-session-id')
    const old = known.get(id ?? '')
    if (old !== undefined) return old.handleRequest(request)
    if (id !== null) return Response.json({ error: 'no such session' }, { status: 404 })
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (session) => void known.set(session, transport),
      onsessionclosed: (session) => void known.delete(session),
    })
    await make().connect(transport)
    return transport.handleRequest(request)
  }
}

export async function serve(first: Handle): Promise<Web> {
  let handle = first
  const headers: IncomingMessage['headers'][] = []
  const server = createServer((request, response) => {
    headers.push(request.headers)
    answer(handle, request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the tool server has no port')
  return {
    url: `http://127.0.0.1:${address.port}/mcp`,
    headers,
    replace: (next) => {
      handle = next
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(handle: Handle, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const gone = new AbortController()
  outgoing.once('close', () => gone.abort())
  const body = Buffer.concat(await Array.fromAsync<Buffer>(incoming))
  const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)])
  const { method = 'GET', url = '/' } = incoming
  const response = await handle(
    new Request(`http://127.0.0.1${url}`, {
      method,
      headers,
      signal: gone.signal,
      ...(body.length === 0 ? {} : { body }),
    }),
  )
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  for await (const chunk of response.body ?? []) outgoing.write(chunk)
  outgoing.end()
}
