// Where one writes: a text and files that are kept until they were sent, and the button that stops an agent.
import type { Message } from '@parley/protocol'
import { type RefObject, type SubmitEvent, useEffect, useSyncExternalStore } from 'react'
import { canRecord } from '../browser/recorder.ts'
import { AttachButton } from '../files/attach-button.tsx'
import { ChosenFiles, useChosen } from '../files/chosen.tsx'
import { RecordingRow } from '../files/recording.tsx'
import { useRecording } from '../files/use-recording.ts'
import { Microphone, Square, Up } from '../icons.tsx'
import { Due, Editing, Replying, Steering, Trouble } from './composer-modes.tsx'
import type { Draft, Say } from './draft.ts'
import { WritingArea } from './writing-area.tsx'
import './composer.css'

interface Props {
  readonly area: RefObject<HTMLTextAreaElement | null>
  /** What is being written. */
  readonly draft: Draft
  /** Whether files may be chosen here. Default: yes. */
  readonly takesFiles?: boolean | undefined
  readonly hint: string
  /** Whether an agent is at work here. */
  readonly running: boolean
  /** Whether what is sent corrects the agent at work; undefined where that cannot be chosen. */
  readonly steering?: boolean | undefined
  readonly onSteering?: ((yes: boolean) => void) | undefined
  /** How many files belong to what is being said better; undefined: something new is being written. */
  readonly editing?: number | undefined
  /** The message that is being answered. */
  readonly replying?: Message | undefined
  /** Leaves what is being edited as it was, or what is being answered without an answer. */
  readonly onLeave?: () => void
  /** Called at each keystroke, and with false when nothing is left of what was written. */
  readonly onTyping?: ((on: boolean) => void) | undefined
  /** Rejects when what was said was not taken. */
  readonly onSend: Say
  readonly onStop: () => void
}

export function Composer(props: Props) {
  const {
    area,
    draft,
    takesFiles = true,
    hint,
    running,
    steering,
    onSteering,
    editing,
    replying,
    onLeave,
    onTyping,
    onSend,
    onStop,
  } = props
  const { tray } = draft
  const { due } = useSyncExternalStore(draft.subscribe, () => draft.written)
  useChosen(tray)
  const recorder = useRecording((file) => tray?.add([file]))
  const { recording } = recorder
  const leaves = editing !== undefined || replying !== undefined

  function send(): void {
    draft.send(onSend)
    const failed = area.current?.form?.querySelector<HTMLElement>('.chosen[data-state="failed"] button')
    ;(failed ?? area.current)?.focus()
  }

  function stop(): void {
    onStop()
    area.current?.focus()
  }

  function leave(): void {
    // An answer that was begun stays as something to say.
    if (editing !== undefined) draft.forget()
    onLeave?.()
  }

  function hold(): void {
    draft.hold()
    area.current?.focus()
  }

  useEffect(() => {
    if (editing === undefined) focusToWrite(area.current)
    else focusAtEnd(area.current)
  }, [area, editing])
  useEffect(() => {
    if (replying !== undefined) area.current?.focus()
  }, [area, replying])
  useEffect(() => {
    // What had the focus is gone when it ends.
    if (recording !== undefined) return () => area.current?.focus()
  }, [area, recording])
  useEscape(due || leaves || running, due ? hold : leaves ? leave : onStop)

  return (
    <form
      className="composer"
      onSubmit={(event: SubmitEvent) => {
        event.preventDefault()
        send()
      }}
    >
      {editing !== undefined && <Editing files={editing} onLeave={leave} />}
      {replying !== undefined && <Replying to={replying} onLeave={leave} />}
      {!leaves && steering !== undefined && <Steering steering={steering} onSteering={onSteering} />}
      {recorder.trouble !== undefined && <Trouble words={recorder.trouble} onLeave={recorder.forgive} />}
      {due && <Due onLeave={hold} />}
      <div className="composer-box">
        {tray !== undefined && <ChosenFiles tray={tray} area={area} />}
        {recording !== undefined && <RecordingRow recording={recording} />}
        <div className="composer-row" hidden={recording !== undefined}>
          {takesFiles && tray !== undefined && <AttachButton onFiles={tray.add} />}
          <WritingArea area={area} draft={draft} hint={hint} onTyping={onTyping} onSend={send} />
          {takesFiles && tray !== undefined && canRecord() && (
            <button
              type="button"
              className="icon-button round record"
              aria-label="Record"
              title="Record your voice"
              disabled={recorder.state === 'asking'}
              onClick={recorder.start}
            >
              <Microphone />
            </button>
          )}
          {running && (
            <button type="button" className="composer-button stop" aria-label="Stop" title="Stop (Esc)" onClick={stop}>
              <Square />
            </button>
          )}
          <button
            type="submit"
            className="composer-button"
            aria-label="Send"
            title="Send (Enter)"
            disabled={draft.empty || due}
          >
            <Up />
          </button>
        </div>
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
