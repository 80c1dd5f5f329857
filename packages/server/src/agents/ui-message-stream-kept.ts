// The answer so far, kept as chunks and folded by the AI SDK itself when its stream has to be taken up again.
import type { UIMessage, UIMessageChunk } from 'ai'
import { AgentFailure } from '../seams/agent.ts'

export class Kept {
  readonly #chunks: UIMessageChunk[] = []

  get empty(): boolean {
    return this.#chunks.length === 0
  }

  /** What makes no part of the message is not kept; growth of the same part is kept as one. */
  add(chunk: UIMessageChunk): void {
    const last = this.#chunks.at(-1)
    switch (chunk.type) {
      case 'start':
      case 'finish':
      case 'abort':
      case 'error':
      case 'message-metadata':
        return
      case 'text-delta':
      case 'reasoning-delta':
        if (last?.type === chunk.type && last.id === chunk.id) {
          this.#chunks[this.#chunks.length - 1] = { ...last, ...chunk, delta: last.delta + chunk.delta }
          return
        }
        break
      case 'tool-input-delta':
        if (last?.type === chunk.type && last.toolCallId === chunk.toolCallId) {
          const inputTextDelta = last.inputTextDelta + chunk.inputTextDelta
          this.#chunks[this.#chunks.length - 1] = { ...last, inputTextDelta }
          return
        }
        break
      case 'tool-output-available':
        if (chunk.preliminary === true) return
    }
    this.#chunks.push(chunk)
  }

  async message(): Promise<UIMessage> {
    const { readUIMessageStream } = await library()
    const stream = new ReadableStream<UIMessageChunk>({
      start: (controller) => {
        // The SDK changes what it is given.
        for (const chunk of structuredClone(this.#chunks)) controller.enqueue(chunk)
        controller.close()
      },
    })
    let message: UIMessage = { id: 'answer', role: 'assistant', parts: [] }
    for await (const state of readUIMessageStream({ message, stream, terminateOnError: true })) message = state
    return message
  }
}

/** The AI SDK, which is here if the stream was made by it. */
export function library(): Promise<typeof import('ai')> {
  return import('ai').catch((cause: unknown) => {
    const message = 'This agent needs the package ai, which is not installed on this server.'
    throw new AgentFailure('agent.unready', message, { cause })
  })
}
