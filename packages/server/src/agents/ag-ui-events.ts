// What an AG-UI agent tells in one run, as the UI message chunks that say the same.
import type { AbstractAgent, AgentStateMutation, Interrupt, RunAgentParameters, TokenUsage } from '@ag-ui/client'
import type { UIMessageChunk } from 'ai'
import { ears } from './ag-ui-ears.ts'
import { broken } from './ui-message-stream-thoughts.ts'

export interface Run {
  /** To cancel them aborts the run. */
  readonly chunks: ReadableStream<UIMessageChunk>
  /** What the run waits for; known when the chunks are over. */
  readonly interrupts: readonly Interrupt[]
  /** What went wrong, where something did; known when the chunks are over. Not their error, for that would swallow the last of them. */
  readonly failure: unknown
}

/** Without this the library writes a failure to the console. */
const quietly: AgentStateMutation = { stopPropagation: true }

/** Begins at once. `agent` is at work on nothing else. */
export function runOf(agent: AbstractAgent, parameters: RunAgentParameters): Run {
  const interrupts: Interrupt[] = []
  let left = false
  let failure: unknown = broken('broke off in the middle of its answer')
  const chunks = new ReadableStream<UIMessageChunk>({
    start(controller) {
      const tell = (chunk: UIMessageChunk): void => {
        if (!left) controller.enqueue(chunk)
      }
      const fail = (cause: unknown): void => {
        failure = cause
      }
      const ended = agent.runAgent(parameters, {
        ...ears(tell),
        onRunFinishedEvent(end) {
          failure = undefined
          if (end.outcome === 'interrupt') interrupts.push(...end.interrupts)
          for (const usage of end.event.usage ?? []) tell(usageOf(usage))
          tell({ type: end.outcome === 'cancelled' ? 'abort' : 'finish' })
        },
        onRunErrorEvent({ event }) {
          tell({ type: 'error', errorText: event.message })
        },
        onRunFailed({ error }) {
          fail(error)
          return quietly
        },
      })
      ended.catch(fail).then(() => {
        if (!left) controller.close()
      })
    },
    async cancel() {
      left = true
      agent.abortRun()
      // For agents that do not look at that.
      await agent.detachActiveRun()
    },
  })
  return {
    chunks,
    interrupts,
    get failure() {
      return failure
    },
  }
}

function usageOf({ model, inputTokens = 0, outputTokens = 0 }: TokenUsage): UIMessageChunk {
  return { type: 'finish', messageMetadata: { usage: { model, inputTokens, outputTokens } } }
}
