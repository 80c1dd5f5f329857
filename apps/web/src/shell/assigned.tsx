// Tells somebody that a task was given to them in a room that is not open.
import type { Assigned } from '@parley/client'
import { isSession, type RoomId } from '@parley/protocol'
import { useClient } from '@parley/react'
import { useEffect, useState } from 'react'
import { nameOf } from '../conversation/names.ts'
import { Close, Tasks } from '../icons.tsx'
import './assigned.css'

export function AssignedNotice({ onShow }: { readonly onShow: (room: RoomId) => void }) {
  const client = useClient()
  const [assigned, setAssigned] = useState<Assigned>()
  useEffect(() => client.onAssigned(setAssigned), [client])
  if (assigned === undefined) return null
  const { room, task, by } = assigned
  return (
    <div className="assigned" role="status" aria-label="Task for you">
      <Tasks />
      <p>
        <bdi>{nameOf(by)}</bdi> gave you “{task.title}” {isSession(room) ? 'in a conversation' : `in ${room}`}
      </p>
      <button
        type="button"
        className="button small"
        onClick={() => {
          setAssigned(undefined)
          onShow(room)
        }}
      >
        Show
      </button>
      <button type="button" className="quiet" aria-label="Dismiss" onClick={() => setAssigned(undefined)}>
        <Close />
      </button>
    </div>
  )
}
