// The client that a tree of components talks through.
import type { Client } from '@parley/client'
import { createContext, createElement, type ReactElement, type ReactNode, useContext } from 'react'

const ClientContext = createContext<Client | undefined>(undefined)

export interface ParleyProviderProps {
  /** Made by the application, which also closes it. Make it `lazy` where components are rendered on a server too. */
  readonly client: Client
  readonly children?: ReactNode
}

export function ParleyProvider({ client, children }: ParleyProviderProps): ReactElement {
  return createElement(ClientContext.Provider, { value: client }, children)
}

/** The client of the nearest provider. Throws where there is none. */
export function useClient(): Client {
  const client = useContext(ClientContext)
  if (client === undefined) throw new Error('there is no <ParleyProvider client={…}> above this component')
  return client
}
