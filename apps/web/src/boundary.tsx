// Keeps a failure where it happened: shows something else in its place.
import { Component, type ReactNode } from 'react'

interface Props {
  readonly children: ReactNode
  readonly fallback: ReactNode
}

interface State {
  readonly failed: boolean
}

export class Boundary extends Component<Props, State> {
  override state: State = { failed: false }

  static getDerivedStateFromError(): State {
    return { failed: true }
  }

  override render(): ReactNode {
    return this.state.failed ? this.props.fallback : this.props.children
  }
}

export function Broken() {
  return (
    <div className="notice" role="alert">
      <h1>Something broke on this page</h1>
      <p>The conversation is safe on the server, and what you were writing is kept in this browser.</p>
      <button type="button" className="button primary" onClick={() => location.reload()}>
        Reload
      </button>
    </div>
  )
}
