// The way to an OpenAI-compatible server, through the official SDK.
import type OpenAI from 'openai'
import { AgentFailure } from '../seams/agent.ts'
import { impatient } from './impatient.ts'
import { failureOf } from './openai-failure.ts'
import type { Model } from './openai-step.ts'

export interface Place {
  readonly apiKey: string | undefined
  /** Absent: OpenAI itself. */
  readonly baseURL: string | undefined
  readonly model: string | undefined
  readonly maxRetries: number
}

/** The client and its model: the one that was named, or the first that the server lists. */
export async function open({ apiKey, baseURL, model, maxRetries }: Place): Promise<Model> {
  if (baseURL === undefined && apiKey === undefined)
    throw unready('needs OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own')
  if (baseURL === undefined && model === undefined) throw unready('needs to know which model: set PARLEY_MODEL')
  if (baseURL !== undefined && !URL.canParse(baseURL)) throw unready('needs an OPENAI_BASE_URL that is an address')
  const { default: Client } = await import('openai').catch((cause: unknown) => {
    throw unready('needs the package openai, which is not installed on this server', { cause })
  })
  const client = new Client({
    // Local servers want no key, but the SDK does.
    apiKey: apiKey ?? 'none',
    baseURL: baseURL ?? null,
    maxRetries,
    fetch: impatient,
    logLevel: 'off',
  })
  const { host } = new URL(client.baseURL)
  return { client, host, model: model ?? (await firstOf(client, host)), tellsUsage: true }
}

async function firstOf(client: OpenAI, host: string): Promise<string> {
  try {
    for await (const { id } of client.models.list()) return id
  } catch (error) {
    throw failureOf(error, { host, model: '', begun: false })
  }
  throw new AgentFailure('model.unknown', `The server at ${host} has no model yet.`)
}

function unready(what: string, options?: ErrorOptions): AgentFailure {
  return new AgentFailure('agent.unready', `The openai agent ${what}.`, options)
}
