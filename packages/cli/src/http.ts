// The few HTTP requests of the command, with the same headers and the same trust as its socket.
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { text } from 'node:stream/consumers'

/** Whom to trust and what to say when connecting. */
export interface Trust {
  readonly headers: Readonly<Record<string, string>>
  /** PEM certificates to trust instead of the system's. */
  readonly ca?: string
  /** Accept any certificate. */
  readonly insecure?: boolean
}

export interface HttpAnswer {
  readonly status: number
  /** Undefined where the body is not JSON. */
  readonly body: unknown
}

const TIMEOUT_MS = 10_000

/** Rejects when the server can't be reached; any status is an answer. */
export async function ask(
  method: 'GET' | 'POST',
  url: URL,
  trust: Trust,
  headers: Readonly<Record<string, string>> = {},
  body?: object,
): Promise<HttpAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>()
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest
  const asked = request(url, {
    method,
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...trust.headers,
      ...headers,
    },
    ...tlsOf(trust),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  asked.once('error', reject)
  asked.once('response', (response) => {
    text(response).then((body) => resolve({ status: response.statusCode ?? 0, body: jsonOrNothing(body) }), reject)
  })
  asked.end(body === undefined ? undefined : JSON.stringify(body))
  return promise
}

/** The options of node:tls that say the same. */
export function tlsOf({ ca, insecure = false }: Trust) {
  return { minVersion: 'TLSv1.2' as const, rejectUnauthorized: !insecure, ...(ca === undefined ? {} : { ca }) }
}

function jsonOrNothing(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
