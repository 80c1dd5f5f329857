// The connection under the names that people know from sockets.
import type { Client, Posted, PostOptions, Status } from '@parley/client'
import type { Part, Problem } from '@parley/protocol'
import { useMemo } from 'react'
import { useClient } from './provider.ts'
import { useConnection } from './use-connection.ts'

/** The functions stay the same as long as the client does. */
export interface WebSocketState extends Pick<Client, 'reconnect'> {
  readonly status: Status
  /** What went wrong last, until the connection is well again. */
  readonly error: Problem | undefined
  /** Attempts that failed in a row. */
  readonly attempt: number
  /** When the next attempt comes, ms since 1970. */
  readonly retryAt: number | undefined
  /** Says something in a room; see `Room.post`. Works offline: it is sent when there is a connection. */
  readonly send: (room: string, said: string | readonly Part[], options?: PostOptions) => Promise<Posted>
  /** Closes the connection until `reconnect`. */
  readonly disconnect: Client['close']
}

export function useWebSocket(): WebSocketState {
  const client = useClient()
  const { status, problem: error, attempt, retryAt } = useConnection()
  const send = useMemo<WebSocketState['send']>(
    () =>
      (room, ...said) =>
        client.room(room).post(...said),
    [client],
  )
  return { status, error, attempt, retryAt, send, reconnect: client.reconnect, disconnect: client.close }
}
