// An AG-UI agent as a member of rooms.
import type { AbstractAgent, Interrupt, ResumeEntry } from '@ag-ui/client'
import { gistOf } from '@parley/protocol'
import { type Agent, AgentFailure, type Thought, type Turn } from '../seams/agent.ts'
import { runOf } from './ag-ui-events.ts'
import { failureOf } from './ag-ui-failure.ts'
import { calmly } from './ag-ui-fetch.ts'
import { messagesOf } from './ag-ui-messages.ts'
import { defineAgent } from './define.ts'
import { chunksOf } from './ui-message-stream-source.ts'
import { type AskedApproval, Retelling } from './ui-message-stream-thoughts.ts'

interface Named {
  readonly id: string
  readonly name: string
}

interface Remote extends Named {
  /** Where the agent is. */
  readonly url: string
  /** Sent with each request, for keys. */
  readonly headers?: Readonly<Record<string, string>>
}

interface Local extends Named {
  /** Each run is done by a clone of it. */
  readonly agent: AbstractAgent
}

export type AGUIOptions = Remote | Local

/**
 * An {@link Agent} from an AG-UI agent. The room is its thread and gets the conversation with each run. Its tools are run by
 * itself; the room sees them, and is asked where a run is interrupted for an approval. State, custom events and activities
 * become data, activities that name a `toolCallId` progress. It cannot be steered.
 */
export function fromAGUI(options: AGUIOptions): Agent {
  const { id, name } = options
  return defineAgent({
    id,
    name,
    async *reply(turn) {
      if (gistOf(turn.message.parts).trim() === '')
        throw new AgentFailure('message.empty', 'There is no text to answer.')
      const { HttpAgent, AGUIError } = await library()
      const agent: AbstractAgent =
        'agent' in options
          ? options.agent.clone()
          : new HttpAgent({ url: options.url, headers: { ...options.headers } })
      if (agent instanceof HttpAgent) agent.fetch = calmly(agent.fetch)
      const host = agent instanceof HttpAgent && URL.canParse(agent.url) ? new URL(agent.url).host : undefined
      agent.threadId = turn.room
      agent.setMessages(messagesOf(turn))
      try {
        yield* runs(agent, turn)
      } catch (error) {
        if (!turn.signal.aborted) throw failureOf(error, { host, library: AGUIError })
      }
    },
  })
}

/** One run, and after each interrupt another. */
async function* runs(agent: AbstractAgent, turn: Turn): AsyncGenerator<Thought> {
  const retelling = new Retelling()
  let answers: { resume?: ResumeEntry[] } = {}
  for (let number = 1; !turn.signal.aborted; number += 1) {
    const runId = number === 1 ? turn.run : `${turn.run}-${number}`
    const run = runOf(agent, { runId, ...answers })
    for await (const chunk of await chunksOf(run.chunks, turn.signal)) yield* retelling.hear(chunk)
    if (run.failure !== undefined) throw run.failure
    const { interrupts } = run
    for (const interrupt of interrupts) yield* asking(interrupt, retelling)
    const asked = retelling.asked()
    yield* retelling.end()
    if (interrupts.length === 0) return
    answers = { resume: yield* decide(interrupts, asked, retelling, turn) }
  }
}

/** Asks the room about all interrupts at once. */
async function* decide(
  interrupts: readonly Interrupt[],
  asked: readonly AskedApproval[],
  retelling: Retelling,
  turn: Turn,
): AsyncGenerator<Thought, ResumeEntry[]> {
  const decided = asked.flatMap(({ id, toolCallId, call }) =>
    interrupts
      .filter((interrupt) => interrupt.id === id)
      .map(async (interrupt) => ({ interrupt, toolCallId, decision: await turn.approval(call, timeFor(interrupt)) })),
  )
  const resume: ResumeEntry[] = []
  for (const { interrupt, toolCallId, decision } of await Promise.all(decided)) {
    resume.push(entryOf(interrupt, decision))
    if (decision?.approved !== true) yield* retelling.hear({ type: 'tool-output-denied', toolCallId })
    else if (interrupt.toolCallId === undefined)
      yield* retelling.hear({ type: 'tool-output-available', toolCallId, output: { approved: true } })
  }
  return resume
}

/** What waits for approval is a tool call; a question that belongs to none becomes one. */
function asking(interrupt: Interrupt, retelling: Retelling): readonly Thought[] {
  const { id: approvalId, reason, message, toolCallId = approvalId } = interrupt
  if (reason === 'input_required')
    throw new AgentFailure(
      'agent.asks',
      `The agent asks for something that nobody can answer here: ${message ?? reason}`,
    )
  const question =
    interrupt.toolCallId === undefined
      ? retelling.hear({
          type: 'tool-input-available',
          toolCallId,
          toolName: reason,
          input: { message: message ?? reason },
          ...(message === undefined ? {} : { title: message }),
        })
      : []
  return [...question, ...retelling.hear({ type: 'tool-approval-request', approvalId, toolCallId })]
}

type Decision = Awaited<ReturnType<Turn['approval']>>

/** What nobody decided is cancelled; a decision, also against it, resolves it. */
function entryOf({ id: interruptId, reason, responseSchema }: Interrupt, decision: Decision): ResumeEntry {
  if (decision?.approved === undefined || decision.user === undefined) return { interruptId, status: 'cancelled' }
  const { approved, reason: why } = decision
  const payload =
    reason === 'confirmation' && responseSchema === undefined
      ? approved
      : { approved, ...(why === undefined ? {} : { reason: why }) }
  return { interruptId, status: 'resolved', payload }
}

function timeFor({ expiresAt }: Interrupt): number | undefined {
  const ms = Date.parse(expiresAt ?? '') - Date.now()
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}

function library(): Promise<typeof import('@ag-ui/client')> {
  return import('@ag-ui/client').catch((cause: unknown) => {
    const message = 'This agent needs the package @ag-ui/client, which is not installed on this server.'
    throw new AgentFailure('agent.unready', message, { cause })
  })
}
