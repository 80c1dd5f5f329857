// Whatever yields AI SDK UI message chunks as a member of rooms: `streamText`, agents, transports, streams of your own.

import { Refusal } from '@parley/protocol'
import type { UIMessage, UIMessageChunk } from 'ai'
import type { Agent, Thought, Turn } from '../seams/agent.ts'
import { defineAgent } from './define.ts'
import { type Appetite, shelfOf } from './shown-files.ts'
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
      const asked = uiMessagesOf(turn, await shelfOf(turn, [...turn.history, turn.message], APPETITE))
      const kept = new Kept()
      const retelling = new Retelling()
      try {
        for (;;) {
          const messages = kept.empty ? asked : [...asked, await kept.message()]
          for await (const chunk of await chunksOf(await stream({ messages, signal, turn }), signal)) {
            kept.add(chunk)
            yield* chunk.type === 'file' ? await fileOf(chunk, turn, retelling) : retelling.hear(chunk)
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

/** What models of most providers take. */
const APPETITE: Appetite = {
  takes: (mediaType) => /^(?:image\/(?:png|jpeg|gif|webp)|audio\/(?:wav|mpeg)|application\/pdf)$/u.test(mediaType),
  fileBytes: 10 * 1024 * 1024,
  bytes: 20 * 1024 * 1024,
  texts: true,
}

const DATA_URL = /^data:[^,]*;base64,(.*)$/su

/** A file that comes as data becomes one of the room; one that lies elsewhere, or is not taken here, is told of. */
async function fileOf(
  chunk: Extract<UIMessageChunk, { readonly type: 'file' }>,
  { files }: Turn,
  retelling: Retelling,
): Promise<readonly Thought[]> {
  const base64 = DATA_URL.exec(chunk.url)?.[1]
  if (base64 === undefined) return retelling.hear(chunk)
  const [kind = 'file', suffix = ''] = chunk.mediaType.split(/[/;+]/u)
  try {
    return [await files.keep(suffix === '' ? kind : `${kind}.${suffix}`, inOne(base64))]
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause
    return retelling.hear(chunk)
  }
}

async function* inOne(base64: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(base64, 'base64')
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
