// Starts the app in the page.
import './base.css'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { Boundary, Broken } from './boundary.tsx'
import { alone } from './browser/alone.ts'
import { storage } from './browser/storage.ts'
import { preloadMarkdown } from './conversation/agent-text.tsx'
import { createIdentity } from './identity/identity.ts'
import { tokenInFragment } from './identity/token.ts'

const identity = createIdentity({
  storage,
  fetch: (...request) => fetch(...request),
  now: Date.now,
  alone,
  otherTabs(hear) {
    addEventListener('storage', hear)
    return () => removeEventListener('storage', hear)
  },
})

function takeLinkedToken(): void {
  const token = tokenInFragment(location.hash)
  if (token === undefined) return
  // A token in the address bar would be shared with every link that somebody copies.
  history.replaceState(null, '', location.pathname + location.search)
  identity.present(token)
}

takeLinkedToken()
addEventListener('hashchange', takeLinkedToken)

const page = document.getElementById('app')
if (page === null) throw new Error('the page has no place for the app')
createRoot(page).render(
  <Boundary fallback={<Broken />}>
    <App identity={identity} />
  </Boundary>,
)
preloadMarkdown()
