// A transport for the AI SDK's `useChat`, over the connection that all components share.
import type { ChatTransport, UIMessage } from 'ai'
import { useMemo } from 'react'
import { chatTransport } from './chat-transport.ts'
import { useClient } from './provider.ts'

/**
 * `useChat({ id, transport: useChatTransport() })`: a chat is a session room of the server, the same that its
 * `/api/chat/ws` shows. When the connection is lost the answer goes on after it has come back, without an error.
 */
export function useChatTransport<M extends UIMessage = UIMessage>(): ChatTransport<M> {
  const client = useClient()
  return useMemo(() => chatTransport<M>(client), [client])
}
