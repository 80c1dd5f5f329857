// Saying one's own message better: which one, and with what words it began.
import type { Message } from '@parley/protocol'
import { useCallback, useState } from 'react'
import { textOf } from './entries.ts'

/** What was said, and is being said better. */
export interface Edited {
  readonly id: string
  readonly key: string
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

/** `say` rejects where the words were not taken. */
export function useEditing(say: (edited: Edited, text: string) => Promise<void>): Editing {
  const [editing, setEditing] = useState<Edited>()
  const edit = useCallback((message: Message) => {
    const { id, key } = message
    setEditing({ id, key, text: textOf(message) })
  }, [])
  const leave = useCallback(() => setEditing(undefined), [])
  const improve = useCallback(
    async (text: string) => {
      if (editing === undefined) return
      leave()
      // What was not taken is still to be said better.
      await say(editing, text).catch(() => setEditing({ ...editing, text }))
    },
    [editing, leave, say],
  )
  return { editing, edit, leave, improve }
}
