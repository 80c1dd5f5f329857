// A room that is open: its conversation under the bar, its tasks beside.
import type { RoomId } from '@parley/protocol'
import { Boundary, Broken } from '../boundary.tsx'
import { Conversation } from '../conversation/conversation.tsx'
import type { Sought } from '../conversation/use-seek.ts'
import { TaskPanel } from '../tasks/task-panel.tsx'
import { usePanel } from '../tasks/use-panel.ts'
import { Bar } from './bar.tsx'
import { RoomTools } from './room-tools.tsx'

interface Props {
  readonly id: RoomId
  readonly title: string
  readonly me: string | undefined
  /** A message to go to, and what is called when that has ended. */
  readonly sought: Sought | undefined
  readonly onSought: () => void
  readonly onMenu: () => void
  /** Called when something was said. */
  readonly onNews: () => void
}

export function RoomPage({ id, title, me, sought, onSought, onMenu, onNews }: Props) {
  const panel = usePanel(id)
  return (
    <>
      <Bar title={title} room={id} onMenu={onMenu}>
        <RoomTools id={id} me={me} panel={panel} />
      </Bar>
      <div className="main-row">
        <Boundary fallback={<Broken />}>
          <Conversation id={id} me={me} sought={sought} onSought={onSought} onNews={onNews} />
        </Boundary>
        <TaskPanel id={id} me={me} panel={panel} />
      </div>
    </>
  )
}
