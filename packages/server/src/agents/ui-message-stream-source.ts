// Where UI message chunks come from: a generator, a stream, a server's response.
import { isFields } from '@parley/protocol'
import type { UIMessageChunk } from 'ai'
import { AgentFailure } from '../seams/agent.ts'
import { library } from './ui-message-stream-kept.ts'
import { broken } from './ui-message-stream-thoughts.ts'

/** A `Response` is one with server-sent events, as AI SDK servers answer. */
export type UIMessageStream = AsyncIterable<UIMessageChunk> | ReadableStream<UIMessageChunk> | Response

/** The chunks, one by one as they are read. When the signal aborts they end with an error, and whoever makes them is told. */
export async function chunksOf(given: UIMessageStream, signal: AbortSignal): Promise<ReadableStream<UIMessageChunk>> {
  const chunks = 'body' in given ? await eventsOf(given) : given instanceof ReadableStream ? given : streamOf(given)
  return chunks.pipeThrough(new TransformStream(), { signal })
}

function streamOf<T>(items: AsyncIterable<T>): ReadableStream<T> {
  const iterator = items[Symbol.asyncIterator]()
  return new ReadableStream<T>({
    async pull(controller) {
      const next = await iterator.next()
      if (next.done === true) controller.close()
      else controller.enqueue(next.value)
    },
    async cancel() {
      await iterator.return?.()
    },
  })
}

async function eventsOf({ ok, status, body }: Response): Promise<ReadableStream<UIMessageChunk>> {
  if (!ok || body === null) {
    await body?.cancel()
    throw new AgentFailure('agent.failed', `The agent answered with status ${status}.`)
  }
  const { jsonSchema, parseJsonEventStream } = await library()
  const events = parseJsonEventStream({ stream: body, schema: jsonSchema<UIMessageChunk>({}) })
  return events.pipeThrough(
    new TransformStream({
      transform(event, controller) {
        if (!event.success) throw broken('holds something that is not JSON', { cause: event.error })
        if (!isFields(event.value) || typeof event.value.type !== 'string')
          throw broken('holds something that is no chunk')
        controller.enqueue(event.value)
      },
    }),
  )
}
