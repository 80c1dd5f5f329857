// The connection in the words that WebSocket hooks use.
import type { Posted, Status } from '@parley/client'
import type { Problem } from '@parley/protocol'
import { useMemo } from 'react'
import { useClient } from './provider.ts'
import { useConnection } from './use-connection.ts'

export interface WebSocketView {
  readonly status: Status
  readonly error: Problem | undefined
  /** Attempts that failed in a row. */
  readonly attempt: number
  /** When the next attempt comes, ms since 1970. */
  readonly retryAt: number | undefined
  /** Posts a text to a room; resolves when it is durable. */
  send(room: string, text: string): Promise<Posted>
  reconnect(): void
  disconnect(): Promise<void>
}

export function useWebSocket(): WebSocketView {
  const client = useClient()
  const { status, problem: error, attempt, retryAt } = useConnection()
  return useMemo(() => {
    const send = (room: string, text: string): Promise<Posted> => client.room(room).post(text)
    return { status, error, attempt, retryAt, send, reconnect: client.reconnect, disconnect: client.close }
  }, [client, status, error, attempt, retryAt])
}
