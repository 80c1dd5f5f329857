// What can be seen of a room besides its conversation: who is here, and what is to be done.
import { isSession, type RoomId } from '@parley/protocol'
import { usePresence } from '@parley/react'
import { Tasks } from '../icons.tsx'
import { Members } from '../people/members.tsx'
import type { Panel } from '../tasks/use-panel.ts'

interface Props {
  readonly id: RoomId
  readonly me: string | undefined
  readonly panel: Panel
}

export function RoomTools({ id, me, panel }: Props) {
  return (
    <div className="room-tools">
      {!isSession(id) && <Here id={id} me={me} />}
      <TasksButton panel={panel} />
    </div>
  )
}

function Here({ id, me }: Pick<Props, 'id' | 'me'>) {
  const { members, count } = usePresence(id)
  return <Members members={members.map(({ user }) => user)} count={Math.max(count, members.length)} me={me} />
}

function TasksButton({ panel: { open, turn, going } }: Pick<Props, 'panel'>) {
  const words = going === 0 ? 'Tasks' : `Tasks: ${going} to be done`
  return (
    <button
      type="button"
      className="icon-button counted"
      aria-label={words}
      title={words}
      aria-expanded={open}
      onClick={() => turn(!open)}
    >
      <Tasks />
      {going > 0 && <span aria-hidden="true">{going}</span>}
    </button>
  )
}
