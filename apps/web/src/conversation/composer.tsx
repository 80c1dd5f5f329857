// Where one writes: a text that is kept until it was sent, and the button that stops an agent.
import type { Message } from '@parley/protocol'
import {
  type ChangeEvent,
  type KeyboardEvent,
  type RefObject,
  type SubmitEvent,
  useEffect,
  useId,
  useState,
} from 'react'
import { storage } from '../browser/storage.ts'
import { Square, Up } from '../icons.tsx'
import { usePeople } from '../people/people.ts'
import { Editing, Replying, Steering } from './composer-modes.tsx'
import { useDeeds } from './deeds.ts'
import { MentionList } from './mention-list.tsx'
import { useMentions } from './use-mentions.ts'
import './composer.css'

interface Props {
  readonly area: RefObject<HTMLTextAreaElement | null>
  /** What the draft is kept under. */
  readonly draft: string
  readonly hint: string
  /** Whether an agent is at work here. */
  readonly running: boolean
  /** Whether what is sent corrects the agent at work; undefined where that cannot be chosen. */
  readonly steering?: boolean | undefined
  readonly onSteering?: ((yes: boolean) => void) | undefined
  /** What was said and is being said better. */
  readonly editing?: string | undefined
  /** The message that is being answered. */
  readonly replying?: Message | undefined
  /** Leaves what is being edited as it was, or what is being answered without an answer. */
  readonly onLeave?: () => void
  /** Called at each keystroke, and with false when nothing is left of what was written. */
  readonly onTyping?: ((on: boolean) => void) | undefined
  /** Rejects when the text was not taken. */
  readonly onSend: (text: string) => Promise<void>
  readonly onStop: () => void
}

export function Composer(props: Props) {
  const { area, draft, hint, running, steering, onSteering, editing, replying, onLeave, onTyping, onSend, onStop } =
    props
  const key = `parley.draft.${draft}`
  const [text, setText] = useState(() => storage.getItem(key) ?? editing ?? '')
  const empty = text.trim() === ''
  const leaves = editing !== undefined || replying !== undefined
  const mentioning = useMentions(area, text, write, usePeople(), useDeeds()?.me)
  const list = useId()
  const listed = mentioning.options.length > 0

  function write(next: string): void {
    setText(next)
    if (next === '') storage.removeItem(key)
    else storage.setItem(key, next)
  }

  function send(): void {
    if (empty) return
    const said = text.trim()
    // Whatever was written in the meantime stays as well.
    onSend(said).catch(() => write([said, area.current?.value].filter(Boolean).join('\n')))
    write('')
    area.current?.focus()
  }

  function stop(): void {
    onStop()
    area.current?.focus()
  }

  function leave(): void {
    // An answer that was begun stays as something to say.
    if (editing !== undefined) storage.removeItem(key)
    onLeave?.()
  }

  useEffect(() => {
    if (editing === undefined) focusToWrite(area.current)
    else focusAtEnd(area.current)
  }, [area, editing])
  useEffect(() => {
    if (replying !== undefined) area.current?.focus()
  }, [area, replying])
  useEscape(running || leaves, leaves ? leave : onStop)

  return (
    <form
      className="composer"
      onSubmit={(event: SubmitEvent) => {
        event.preventDefault()
        send()
      }}
    >
      {editing !== undefined && <Editing onLeave={leave} />}
      {replying !== undefined && <Replying to={replying} onLeave={leave} />}
      {!leaves && steering !== undefined && <Steering steering={steering} onSteering={onSteering} />}
      {listed && <MentionList id={list} mentioning={mentioning} />}
      <div className="composer-box">
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
              write(event.target.value)
              onTyping?.(event.target.value !== '')
            }}
            onSelect={mentioning.moved}
            onKeyDown={(event) => {
              if (mentioning.heard(event) || !isSend(event)) return
              event.preventDefault()
              send()
            }}
          />
        </div>
        {running && (
          <button type="button" className="composer-button stop" aria-label="Stop" title="Stop (Esc)" onClick={stop}>
            <Square />
          </button>
        )}
        <button type="submit" className="composer-button" aria-label="Send" title="Send (Enter)" disabled={empty}>
          <Up />
        </button>
      </div>
    </form>
  )
}

/** Without being asked; on a touch screen that would open the keyboard over the conversation. */
export function focusToWrite(area: HTMLTextAreaElement | null): void {
  if (matchMedia('(pointer: fine)').matches) area?.focus()
}

function focusAtEnd(area: HTMLTextAreaElement | null): void {
  area?.focus()
  area?.setSelectionRange(area.value.length, area.value.length)
}

/** While a word is being composed, Enter chooses it; Safari tells so by the old key code alone. */
function isSend({ key, shiftKey, nativeEvent }: KeyboardEvent): boolean {
  return key === 'Enter' && !shiftKey && !nativeEvent.isComposing && nativeEvent.keyCode !== 229
}

function useEscape(active: boolean, act: () => void): void {
  useEffect(() => {
    if (!active) return
    const hear = (event: globalThis.KeyboardEvent) => {
      if (event.key === 'Escape' && !event.isComposing && !event.defaultPrevented) act()
    }
    addEventListener('keydown', hear)
    return () => removeEventListener('keydown', hear)
  }, [active, act])
}
