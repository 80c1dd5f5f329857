// Hands a client to the components below. The application makes and closes the client.
import type { Client } from '@parley/client'
import { createContext, createElement, type ReactElement, type ReactNode, useContext } from 'react'

const ClientContext = createContext<Client | undefined>(undefined)

export interface ParleyProviderProps {
  readonly client: Client
  readonly children?: ReactNode
}

export function ParleyProvider({ client, children }: ParleyProviderProps): ReactElement {
  return createElement(ClientContext.Provider, { value: client }, children)
}

/** The client of the nearest {@link ParleyProvider}. Throws where there is none. */
export function useClient(): Client {
  const client = useContext(ClientContext)
  if (client === undefined) throw new Error('useClient: no <ParleyProvider client={…}> stands above this component')
  return client
}
