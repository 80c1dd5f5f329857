// The official SDK, loaded when it is first needed.
import type Anthropic from '@anthropic-ai/sdk'
import { AgentFailure } from '../seams/agent.ts'
import { impatient } from './impatient.ts'

export interface ClientOptions {
  readonly apiKey?: string
  readonly baseURL?: string
  readonly maxRetries?: number
}

export async function open({ apiKey, baseURL, maxRetries = 2 }: ClientOptions): Promise<Anthropic> {
  const { default: Client } = await import('@anthropic-ai/sdk').catch((cause: unknown) => {
    const message = 'The claude agent needs the package @anthropic-ai/sdk, which is not installed on this server.'
    throw new AgentFailure('agent.unready', message, { cause })
  })
  return new Client({
    maxRetries,
    fetch: impatient,
    // What goes wrong is thrown, and told where it is caught; by itself it would print what people said.
    logLevel: 'off',
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(baseURL === undefined ? {} : { baseURL }),
  })
}
