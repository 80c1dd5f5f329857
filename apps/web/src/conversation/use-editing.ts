// Saying one's own message better: which one, and with what words it began.
import { isAttached, type Message, type Part } from '@parley/protocol'
import { useCallback, useState } from 'react'
import { textOf } from './entries.ts'

/** What was said, and is being said better. */
export interface Edited {
  readonly id: string
  readonly key: string
  readonly text: string
  readonly parts: readonly Part[]
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
export function useEditing(say: (edited: Edited, said: readonly Part[]) => Promise<void>): Editing {
  const [editing, setEditing] = useState<Edited>()
  const edit = useCallback((message: Message) => {
    const { id, key, parts } = message
    setEditing({ id, key, parts, text: textOf(message) })
  }, [])
  const leave = useCallback(() => setEditing(undefined), [])
  const improve = useCallback(
    async (text: string) => {
      if (editing === undefined) return
      leave()
      // What was not taken is still to be said better.
      await say(editing, reworded(editing.parts, text)).catch(() => setEditing({ ...editing, text }))
    },
    [editing, leave, say],
  )
  return { editing, edit, leave, improve }
}

/** Other words in the place of those that there were; all else stays where it is. */
export function reworded(parts: readonly Part[], text: string): readonly Part[] {
  const words: readonly Part[] = text === '' ? [] : [{ type: 'text', text }]
  const at = Math.max(
    parts.findIndex(({ type }) => type === 'text'),
    0,
  )
  const others = (some: readonly Part[]): readonly Part[] => some.filter(({ type }) => type !== 'text')
  return [...others(parts.slice(0, at)), ...words, ...others(parts.slice(at))]
}

/** Whether its words can be said differently: it is made of nothing but words and files. */
export function canReword({ parts, redacted }: Pick<Message, 'parts' | 'redacted'>): boolean {
  return redacted !== true && parts.length > 0 && parts.every((part) => part.type === 'text' || isAttached(part))
}
