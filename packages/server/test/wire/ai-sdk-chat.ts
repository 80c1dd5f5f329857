// A chat of the AI SDK, with its own transport and state, as an application without React has it.
import {
  AbstractChat,
  type ChatInit,
  type ChatState,
  type ChatStatus,
  type UIMessage,
  type UIMessageChunk,
  WebSocketChatTransport,
} from 'ai'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { tokenFor } from './server.ts'

type Init = ConstructorParameters<typeof WebSocketChatTransport>[0]

class State implements ChatState<UIMessage> {
  status: ChatStatus = 'ready'
  error: Error | undefined
  messages: UIMessage[]

  constructor(messages: UIMessage[]) {
    this.messages = messages
  }

  pushMessage = (message: UIMessage): void => {
    this.messages = [...this.messages, message]
  }

  popMessage = (): void => {
    this.messages = this.messages.slice(0, -1)
  }

  replaceMessage = (index: number, message: UIMessage): void => {
    this.messages = this.messages.with(index, this.snapshot(message))
  }

  snapshot = <T>(thing: T): T => structuredClone(thing)
}

export class Chat extends AbstractChat<UIMessage> {
  constructor({ messages = [], ...init }: ChatInit<UIMessage>) {
    super({ ...init, state: new State(messages) })
  }

  /** The text of the last message. */
  get text(): string {
    return textOf(this.lastMessage)
  }
}

export function textOf(message: UIMessage | undefined): string {
  return (message?.parts ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('')
}

/** A transport of a user, and the sockets that it opened, latest last. */
export async function transportOf(url: string, user: string) {
  const sockets: WebSocket[] = []
  const token = await tokenFor(user)
  class Socket extends WebSocket {
    constructor(address: string | URL) {
      super(address)
      sockets.push(this)
    }
  }
  // `ws` says more of its events than the AI SDK's type lets it.
  const webSocket = Socket as unknown as NonNullable<Init['webSocket']>
  const transport = new WebSocketChatTransport<UIMessage>({
    url: `${url}/api/chat/ws`,
    params: { token },
    webSocket,
  })
  onTestFinished(() => transport.close())
  /** The line breaks; resolves when that is known. */
  const drop = async (): Promise<void> => {
    const socket = sockets.at(-1)
    const closed = new Promise((resolve) => socket?.once('close', resolve))
    socket?.terminate()
    await closed
  }
  return { transport, sockets, drop }
}

/** All chunks of a stream, to its end. */
export async function chunksOf(stream: ReadableStream<UIMessageChunk> | null): Promise<UIMessageChunk[]> {
  return stream === null ? [] : Array.fromAsync(stream)
}
