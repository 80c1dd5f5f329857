// Whatever yields AI SDK UI message chunks as a member of rooms: `streamText`, agents, transports, streams of your own.
import type { UIMessage, UIMessageChunk } from 'ai'
import type { Agent, Turn } from '../seams/agent.ts'
import { defineAgent } from './define.ts'
import { Kept } from './ui-message-stream-kept.ts'
import { chunksOf, type UIMessageStream } from './ui-message-stream-source.ts'
import { type AskedApproval, Retelling } from './ui-message-stream-thoughts.ts'
import { uiMessagesOf } from './ui-messages.ts'

export type { UIMessageStream } from './ui-message-stream-source.ts'

export interface UIMessageStreamContext {
  /**
   * The conversation, the message to answer included. After an approval also the answer so far, whose tool parts are then
   * `approval-responded`: give all of them to the model (`convertToModelMessages`) and it goes on.
   */
  readonly messages: UIMessage[]
  /** Aborts when the run is cancelled. */
  readonly signal: AbortSignal
  readonly turn: Turn
}

export interface UIMessageStreamOptions {
  readonly id: string
  readonly name: string
  /** Answers; called again, in the same message, each time people have decided about the tools that need approval. */
  stream(context: UIMessageStreamContext): UIMessageStream | Promise<UIMessageStream>
}

/**
 * An {@link Agent} from a stream of UI message chunks. Its tools are run by whoever makes the stream; the room sees them, and
 * is asked where they need approval. It cannot be steered. A step that the stream takes back (`reset-step`) stays as it was
 * said, for a room forgets nothing, and what follows is a new paragraph. Transient data and unknown chunks are not told.
 */
export function fromUIMessageStream({ id, name, stream }: UIMessageStreamOptions): Agent {
  return defineAgent({
    id,
    name,
    async *reply(turn) {
      const { signal } = turn
      const asked = uiMessagesOf(turn)
      const kept = new Kept()
      const retelling = new Retelling()
      try {
        for (;;) {
          const messages = kept.empty ? asked : [...asked, await kept.message()]
          for await (const chunk of await chunksOf(await stream({ messages, signal, turn }), signal)) {
            kept.add(chunk)
            yield* retelling.hear(chunk)
          }
          const approvals = retelling.asked()
          yield* retelling.end()
          if (approvals.length === 0 || signal.aborted) return
          for (const chunk of await decisionsOn(approvals, turn)) {
            if (chunk.type === 'tool-approval-response') kept.add(chunk)
            yield* retelling.hear(chunk)
          }
          if (signal.aborted) return
        }
      } catch (error) {
        if (!signal.aborted) throw error
      }
    },
  })
}

/** Asks the room about all of them at once; what was decided becomes a part of the answer. */
async function decisionsOn(asked: readonly AskedApproval[], { approval }: Turn): Promise<readonly UIMessageChunk[]> {
  const chunks = asked.map(async ({ id: approvalId, call, toolCallId }): Promise<UIMessageChunk[]> => {
    const { approved = false, reason } = (await approval(call)) ?? {}
    const why = reason === undefined ? {} : { reason }
    const decision: UIMessageChunk = { type: 'tool-approval-response', approvalId, approved, ...why }
    return approved ? [decision] : [decision, { type: 'tool-output-denied', toolCallId }]
  })
  return (await Promise.all(chunks)).flat()
}
