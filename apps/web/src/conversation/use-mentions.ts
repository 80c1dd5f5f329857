// Completing the name of somebody who is meant, while it is being written.
import type { Author } from '@parley/protocol'
import { type KeyboardEvent, type RefObject, useLayoutEffect, useRef, useState } from 'react'
import type { People } from '../people/people.ts'
import { candidates, mentionAt, mentionWord } from './mentions.ts'

export interface Mentioning {
  /** Empty: nothing is being completed. */
  readonly options: readonly Author[]
  /** Index of the one that Enter takes. */
  readonly chosen: number
  readonly take: (author: Author) => void
  /** To be called where the caret has moved. */
  readonly moved: () => void
  /** Whether the key was for the list. */
  readonly heard: (event: KeyboardEvent) => boolean
}

export function useMentions(
  area: RefObject<HTMLTextAreaElement | null>,
  text: string,
  write: (text: string) => void,
  people: People,
  me: string | undefined,
): Mentioning {
  const [caret, setCaret] = useState(0)
  const [chosen, setChosen] = useState(0)
  /** Where a list begins that was sent away. */
  const [left, setLeft] = useState<number>()
  const goes = useRef<number>(undefined)
  const at = mentionAt(text, caret)
  const options = at === undefined || at.from === left ? [] : candidates(at.begun, people, me)

  useLayoutEffect(() => {
    if (goes.current === undefined) return
    area.current?.setSelectionRange(goes.current, goes.current)
    goes.current = undefined
  })

  function take(author: Author): void {
    if (at === undefined) return
    const before = `${text.slice(0, at.from)}@${mentionWord(author)} `
    goes.current = before.length
    setCaret(before.length)
    write(before + text.slice(caret).trimStart())
    area.current?.focus()
  }

  return {
    options,
    chosen: Math.min(chosen, options.length - 1),
    take,
    moved() {
      const now = area.current?.selectionStart ?? 0
      if (mentionAt(text, now)?.from !== left) setLeft(undefined)
      if (now !== caret) setChosen(0)
      setCaret(now)
    },
    heard(event) {
      const { key, nativeEvent } = event
      const count = options.length
      if (count === 0 || nativeEvent.isComposing) return false
      const author = options[Math.min(chosen, count - 1)]
      if (key === 'ArrowDown') setChosen((chosen + 1) % count)
      else if (key === 'ArrowUp') setChosen((chosen + count - 1) % count)
      else if (key === 'Escape') setLeft(at?.from)
      else if ((key === 'Enter' || key === 'Tab') && !event.shiftKey && author !== undefined) take(author)
      else return false
      event.preventDefault()
      return true
    },
  }
}
