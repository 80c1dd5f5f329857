// A tool being used: one attempt, with its time limit, until it is done, fails, or is made to stop.
import { type Failure, isJson, type Json } from '@parley/protocol'
import { AgentFailure } from '../seams/agent.ts'
import type { Clock } from '../seams/clock.ts'
import type { Journal } from '../seams/journal.ts'
import type { Tool, ToolContext, ToolNews } from '../seams/tool.ts'
import { inNameOf } from './strays.ts'
import { unlessAborted } from './thinking.ts'
import type { End } from './tool-call.ts'

export interface AttemptParts {
  readonly clock: Clock
  readonly journal: Journal
  /** Aborts when nobody wants it any more. */
  readonly signal: AbortSignal
  heard(news: ToolNews): void
}

const TIMEOUT_MS = 60_000

/** How it ended; undefined when it was made to stop. Never rejects, and waits for nobody who was told to stop. */
export async function attempt(
  tool: Tool,
  input: unknown,
  context: Omit<ToolContext, 'signal'>,
  { clock, journal, signal: unwanted, heard }: AttemptParts,
): Promise<End | undefined> {
  const { timeoutMs = TIMEOUT_MS } = tool
  const abort = new AbortController()
  const { signal } = abort
  // Who listens does so in the tool's name: what breaks there is nobody else's.
  const end = (reason: unknown): void => inNameOf({ tool: tool.name }, () => abort.abort(reason))
  const stop = (): void => end(unwanted.reason)
  if (unwanted.aborted) stop()
  unwanted.addEventListener('abort', stop, { once: true })
  const stopTimer = clock.after(timeoutMs, () => end('timed_out'))
  try {
    const output = await follow(tool, () => tool.execute(input, { ...context, signal }), signal, heard)
    if (!signal.aborted) return outputOf(tool, output)
  } catch (cause) {
    if (!signal.aborted) return { outcome: 'failed', failure: told(cause, tool, journal) }
  } finally {
    stopTimer()
    unwanted.removeEventListener('abort', stop)
    // Whatever it began for this attempt is over.
    end('over')
  }
  return unwanted.aborted ? undefined : { outcome: 'timed_out', failure: late(tool, timeoutMs) }
}

async function follow(
  { name }: Tool,
  begin: () => unknown,
  signal: AbortSignal,
  heard: (news: ToolNews) => void,
): Promise<unknown> {
  if (signal.aborted) return undefined
  const doing = inNameOf({ tool: name }, begin)
  if (!isIterator(doing)) return unlessAborted(signal, Promise.resolve(doing))
  try {
    for (;;) {
      const next = await unlessAborted(
        signal,
        inNameOf({ tool: name }, () => doing.next()),
      )
      if (next === undefined || signal.aborted) return undefined
      if (next.done === true) return next.value
      heard(next.value)
    }
  } finally {
    // A chance to tidy up, for one that has not ended.
    inNameOf({ tool: name }, async () => doing.return?.()).catch(() => undefined)
  }
}

function isIterator(value: unknown): value is AsyncIterator<ToolNews, unknown> {
  return typeof value === 'object' && value !== null && 'next' in value && typeof value.next === 'function'
}

function outputOf(tool: Tool, output: unknown): End {
  if (output === undefined) return { outcome: 'ok' }
  const json = jsonOf(output)
  if (json !== undefined) return { outcome: 'ok', output: json }
  return { outcome: 'failed', failure: { code: 'tool.output', message: `${titleOf(tool)} returned what is not JSON.` } }
}

function jsonOf(output: unknown): Json | undefined {
  try {
    const json: unknown = JSON.parse(JSON.stringify(output))
    return isJson(json) ? json : undefined
  } catch {
    return undefined
  }
}

/** What the user and the model are told; the cause is only logged. */
function told(cause: unknown, tool: Tool, journal: Journal): Failure {
  if (cause instanceof AgentFailure) {
    journal.warn('a tool failed', { tool: tool.name, code: cause.failure.code })
    return cause.failure
  }
  journal.error('a tool broke', cause, { tool: tool.name })
  return { code: 'tool.failed', message: `${titleOf(tool)} failed. The cause is in the server log.` }
}

function late(tool: Tool, timeoutMs: number): Failure {
  const message = `${titleOf(tool)} took longer than ${timeoutMs / 1_000} seconds and was stopped.`
  return { code: 'tool.timed_out', message }
}

export function titleOf({ title, name }: Tool): string {
  return title ?? name
}
