// The text that is being written, with the names of those who are meant completed.
import { type ChangeEvent, type KeyboardEvent, type RefObject, useId, useSyncExternalStore } from 'react'
import { filesPasted } from '../files/handed.ts'
import { usePeople } from '../people/people.ts'
import { useDeeds } from './deeds.ts'
import type { Draft } from './draft.ts'
import { MentionList } from './mention-list.tsx'
import { useMentions } from './use-mentions.ts'

interface Props {
  readonly area: RefObject<HTMLTextAreaElement | null>
  readonly draft: Draft
  readonly hint: string
  /** Called at each keystroke, and with false when nothing is left of what was written. */
  readonly onTyping: ((on: boolean) => void) | undefined
  readonly onSend: () => void
}

export function WritingArea({ area, draft, hint, onTyping, onSend }: Props) {
  const { text } = useSyncExternalStore(draft.subscribe, () => draft.written)
  const mentioning = useMentions(area, text, (next) => draft.write(next), usePeople(), useDeeds()?.me)
  const list = useId()
  const listed = mentioning.options.length > 0
  return (
    <>
      {listed && <MentionList id={list} mentioning={mentioning} />}
      <div className="composer-grow" data-text={`${text}\n`}>
        <textarea
          ref={area}
          rows={1}
          aria-label="Message"
          placeholder={hint}
          enterKeyHint="send"
          dir="auto"
          value={text}
          aria-autocomplete="list"
          aria-controls={listed ? list : undefined}
          aria-activedescendant={listed ? `${list}-${mentioning.chosen}` : undefined}
          onChange={(event: ChangeEvent<HTMLTextAreaElement>) => {
            draft.write(event.target.value)
            onTyping?.(event.target.value !== '')
          }}
          onSelect={mentioning.moved}
          onPaste={(event) => {
            const files = filesPasted(event.clipboardData)
            if (draft.tray === undefined || files.length === 0) return
            event.preventDefault()
            draft.tray.add(files)
          }}
          onKeyDown={(event) => {
            if (mentioning.heard(event) || !isSend(event)) return
            event.preventDefault()
            onSend()
          }}
        />
      </div>
    </>
  )
}

/** While a word is being composed, Enter chooses it; Safari tells so by the old key code alone. */
function isSend({ key, shiftKey, nativeEvent }: KeyboardEvent): boolean {
  return key === 'Enter' && !shiftKey && !nativeEvent.isComposing && nativeEvent.keyCode !== 229
}
