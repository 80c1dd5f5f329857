// Asks for the id of a room.
import { type RoomId, roomId } from '@parley/protocol'
import { type RefObject, useId, useState } from 'react'
import './dialog.css'

interface Props {
  readonly dialog: RefObject<HTMLDialogElement | null>
  readonly onJoin: (room: RoomId) => void
}

export function JoinDialog({ dialog, onJoin }: Props) {
  const [text, setText] = useState('')
  const [wrong, setWrong] = useState(false)
  const ids = useId()

  function join(): void {
    const room = roomId(text.trim())
    setWrong(room === undefined)
    if (room === undefined) return
    setText('')
    dialog.current?.close()
    onJoin(room)
  }

  return (
    <dialog ref={dialog} className="dialog" closedby="any" aria-labelledby={`${ids}title`}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          join()
        }}
      >
        <h2 id={`${ids}title`}>Join a room</h2>
        <p>A room is open to everybody who may read it and knows its name.</p>
        <label htmlFor={`${ids}room`}>Room id</label>
        <input
          id={`${ids}room`}
          className="field"
          value={text}
          placeholder="lobby"
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          aria-invalid={wrong}
          aria-describedby={wrong ? `${ids}wrong` : undefined}
          onChange={(event) => setText(event.target.value)}
        />
        {wrong && (
          <p id={`${ids}wrong`} className="dialog-wrong" role="alert">
            A room id has 1 to 128 letters, digits and signs like - _ . : # and no spaces.
          </p>
        )}
        <div className="dialog-ways">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" className="button primary">
            Join
          </button>
        </div>
      </form>
    </dialog>
  )
}
