// What went wrong between this server and an AG-UI agent, in words for the one who waits for the answer.
import { AgentFailure } from '../seams/agent.ts'
import { Cut } from './ag-ui-fetch.ts'

/** `library`: what the errors of the library are instances of. Errors of others stay what they are. */
export function failureOf(
  error: unknown,
  { host, library }: { readonly host: string | undefined; readonly library: new (message: string) => Error },
): unknown {
  if (error instanceof AgentFailure) return error
  if (error instanceof library) {
    const message = `The agent's stream makes no sense: ${error.message.slice(0, 500)}`
    return new AgentFailure('agent.broken', message, { cause: error })
  }
  if (host === undefined || !(error instanceof Error)) return error
  // What refuses a request may repeat its headers, so nothing of that is kept.
  if ('status' in error)
    return new AgentFailure('agent.failed', `The agent at ${host} answered with status ${error.status}.`)
  const [code, message] = whyOf(error, host)
  return new AgentFailure(code, message, { cause: error })
}

function whyOf(error: Error, host: string): readonly [code: string, message: string] {
  if (error instanceof Cut) return ['agent.failed', error.message]
  // So says fetch when it finds nobody.
  if (error instanceof TypeError && error.message === 'fetch failed')
    return ['agent.unreachable', `No agent answers at ${host}.`]
  return ['agent.broken', `The agent at ${host} does not speak AG-UI as it should.`]
}
