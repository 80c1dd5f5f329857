// Where one writes: a text that is kept until it was sent, and the button that stops an agent.
import { type ChangeEvent, type KeyboardEvent, type RefObject, type SubmitEvent, useEffect, useState } from 'react'
import { storage } from '../browser/storage.ts'
import { Close, Pencil, Square, Steer, Up } from '../icons.tsx'
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
  /** Leaves what is being edited as it was. */
  readonly onLeave?: () => void
  /** Rejects when the text was not taken. */
  readonly onSend: (text: string) => Promise<void>
  readonly onStop: () => void
}

export function Composer(props: Props) {
  const { area, draft, hint, running, steering, onSteering, editing, onLeave, onSend, onStop } = props
  const key = `parley.draft.${draft}`
  const [text, setText] = useState(() => storage.getItem(key) ?? editing ?? '')
  const empty = text.trim() === ''

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
    storage.removeItem(key)
    onLeave?.()
  }

  useEffect(() => {
    if (editing === undefined) focusToWrite(area.current)
    else focusAtEnd(area.current)
  }, [area, editing])
  useEscape(running || editing !== undefined, editing === undefined ? onStop : leave)

  return (
    <form
      className="composer"
      onSubmit={(event: SubmitEvent) => {
        event.preventDefault()
        send()
      }}
    >
      {editing !== undefined && <Editing onLeave={leave} />}
      {editing === undefined && steering !== undefined && <Steering steering={steering} onSteering={onSteering} />}
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
            onChange={(event: ChangeEvent<HTMLTextAreaElement>) => write(event.target.value)}
            onKeyDown={(event) => {
              if (!isSend(event)) return
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

function Editing({ onLeave }: { readonly onLeave: () => void }) {
  return (
    <div className="composer-mode" role="status">
      <Pencil />
      <span>Editing your message</span>
      <button
        type="button"
        className="quiet"
        aria-label="Leave it as it was"
        title="Leave it as it was (Esc)"
        onClick={onLeave}
      >
        <Close />
      </button>
    </div>
  )
}

function Steering({ steering, onSteering }: Pick<Props, 'steering' | 'onSteering'>) {
  return (
    <label className="composer-mode choice" data-on={steering}>
      <input
        type="checkbox"
        checked={steering ?? false}
        onChange={(event: ChangeEvent<HTMLInputElement>) => onSteering?.(event.target.checked)}
      />
      <Steer />
      <span>Steer the answer</span>
    </label>
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
