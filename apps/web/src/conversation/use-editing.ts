// Saying one's own message better: which one, and with what words it began.
import type { Message } from '@parley/protocol'
import { useCallback, useState } from 'react'
import { textOf } from './entries.ts'
import type { Voice } from './use-voice.ts'

interface Edited {
  readonly id: string
  readonly text: string
}

interface Editing {
  /** Undefined: something new is being written. */
  readonly editing: Edited | undefined
  readonly edit: (message: Message) => void
  readonly leave: () => void
  /** Says what is being edited better; an empty composer follows. */
  readonly improve: (text: string) => Promise<void>
}

export function useEditing(send: Voice['send']): Editing {
  const [editing, setEditing] = useState<Edited>()
  const edit = useCallback((message: Message) => setEditing({ id: message.id, text: textOf(message) }), [])
  const leave = useCallback(() => setEditing(undefined), [])
  const improve = useCallback(
    async (text: string) => {
      if (editing === undefined) return
      leave()
      // What was not taken is still to be said better.
      await send(text, { supersedes: editing.id }).catch(() => setEditing({ ...editing, text }))
    },
    [editing, leave, send],
  )
  return { editing, edit, leave, improve }
}
