// Opens the client of this page for whoever the identity says.
import { type Client, connect } from '@parley/client'
import type { Identity } from './identity/identity.ts'

export function openClient(identity: Identity): Client {
  let presented = ''
  const client = connect(addressOf(location), {
    token: async () => {
      presented = await identity.token()
      return presented
    },
  })
  client.subscribe(() => {
    const { problem } = client.state
    // Presenting the same token again would be refused again.
    if (problem?.code === 'auth.invalid' || problem?.code === 'auth.expired')
      identity.refused(presented, problem.message)
  })
  return client
}

function addressOf({ protocol, host }: Location): string {
  return `${protocol === 'https:' ? 'wss:' : 'ws:'}//${host}/api/ws`
}
