// The whole app: the documentation for everybody; else who one is, their client, and the frame in which they talk.
import type { Client } from '@parley/client'
import { ParleyProvider } from '@parley/react'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { routeOf, usePath } from './browser/route.ts'
import { openClient } from './connect.ts'
import { DocumentPage } from './documents/document-page.tsx'
import type { Identity, Who } from './identity/identity.ts'
import { SignIn } from './identity/sign-in.tsx'
import { Shell } from './shell/shell.tsx'

export function App({ identity }: { readonly identity: Identity }) {
  const route = routeOf(usePath())
  return route.at === 'document' ? <DocumentPage document={route.document} /> : <Talk identity={identity} />
}

function Talk({ identity }: { readonly identity: Identity }) {
  const who = useSyncExternalStore(identity.subscribe, () => identity.who)
  if (who.at === 'asking') return <SignIn why={who.why} onToken={(token) => identity.present(token)} />
  return <Signed identity={identity} who={who} />
}

function Signed({ identity, who }: { readonly identity: Identity; readonly who: Who }) {
  const [client, setClient] = useState<Client>()
  useEffect(() => {
    const opened = openClient(identity)
    setClient(opened)
    return () => void opened.close()
  }, [identity])
  if (client === undefined) return null
  return (
    <ParleyProvider client={client}>
      <Shell who={who} onSignOut={() => identity.forget()} />
    </ParleyProvider>
  )
}
