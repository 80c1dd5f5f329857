// The tasks of a room, beside its conversation or over it.
import type { RoomId } from '@parley/protocol'
import { useClient } from '@parley/react'
import { useState } from 'react'
import { usePicture } from '../conversation/use-picture.ts'
import { reasonOf } from '../conversation/use-voice.ts'
import { Close } from '../icons.tsx'
import { useKnown } from '../people/use-known.ts'
import { Sheet } from '../shell/sheet.tsx'
import { TaskBoard } from './task-board.tsx'
import type { Panel } from './use-panel.ts'
import './task-panel.css'

interface Props {
  readonly id: RoomId
  readonly me: string | undefined
  readonly panel: Panel
}

export function TaskPanel({ id, me, panel: { open, over, turn } }: Props) {
  const board = open && <Board id={id} me={me} />
  const close = () => turn(false)
  if (over)
    return (
      <Sheet title="Tasks" open={open} onClose={close}>
        {board}
      </Sheet>
    )
  if (!open) return null
  return (
    <aside className="task-panel" aria-label="Tasks">
      <header className="sheet-head">
        <h2>Tasks</h2>
        <button type="button" className="icon-button" aria-label="Close the tasks" onClick={close}>
          <Close />
        </button>
      </header>
      <div className="sheet-body">{board}</div>
    </aside>
  )
}

function Board({ id, me }: Pick<Props, 'id' | 'me'>) {
  const room = useClient().room(id)
  const picture = usePicture(room)
  const people = useKnown(picture)
  const [trouble, setTrouble] = useState<string>()

  async function attempt(deed: Promise<unknown>): Promise<boolean> {
    setTrouble(undefined)
    try {
      await deed
      return true
    } catch (error) {
      setTrouble(reasonOf(error))
      return false
    }
  }

  return (
    <TaskBoard
      tasks={picture.tasks}
      people={[...people.values()].filter(({ kind }) => kind !== 'system')}
      me={me}
      onCreate={(title) => attempt(room.createTask(title))}
      onChange={(task, change) => void attempt(room.setTask(task, change))}
      trouble={trouble}
    />
  )
}
