// Asks for a token where the server takes no guests.
import { useId, useState } from 'react'
import { Mark } from '../icons.tsx'
import './sign-in.css'

interface Props {
  readonly why: string | undefined
  readonly onToken: (token: string) => void
}

export function SignIn({ why, onToken }: Props) {
  const [text, setText] = useState('')
  const ids = useId()
  return (
    <main className="sign-in">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (text.trim() !== '') onToken(text.trim())
        }}
      >
        <Mark size={40} />
        <h1>Sign in to Parley</h1>
        <p>This server wants to know who you are. Paste the token you were given.</p>
        {why !== undefined && (
          <p className="mark" data-tone="danger" role="alert">
            {why}
          </p>
        )}
        <label htmlFor={`${ids}token`}>Token</label>
        <input
          id={`${ids}token`}
          className="field"
          type="password"
          autoComplete="current-password"
          spellCheck={false}
          required
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" className="button primary">
          Sign in
        </button>
      </form>
    </main>
  )
}
