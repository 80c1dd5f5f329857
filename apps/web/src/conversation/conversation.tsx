// A room on the screen: its lines, and where one writes.
import { isSession, type Problem, problems, type RoomId } from '@parley/protocol'
import { useClient } from '@parley/react'
import { useCallback, useEffect, useMemo, useRef } from 'react'
import { Alert } from '../icons.tsx'
import { Composer, focusToWrite } from './composer.tsx'
import { type Deeds, DeedsContext } from './deeds.ts'
import { running } from './entries.ts'
import { Log } from './log.tsx'
import { useEditing } from './use-editing.ts'
import { usePicture } from './use-picture.ts'
import { useSteering } from './use-steering.ts'
import { useVoice } from './use-voice.ts'
import { Welcome } from './welcome.tsx'
import './conversation.css'

interface Props {
  readonly id: RoomId
  /** The id of the one who reads and writes. */
  readonly me: string | undefined
  /** Called when something was said. */
  readonly onNews: () => void
}

export function Conversation({ id, me, onNews }: Props) {
  const room = useClient().room(id)
  const picture = usePicture(room)
  const { messages, runs, problem, position } = picture
  const { send, stop, approve, cancel, regenerate, trouble } = useVoice(room)
  const going = useMemo(() => running(runs), [runs])
  const steering = useSteering(picture, going)
  const { editing, edit, leave, improve } = useEditing(send)

  const latest = messages.at(-1)?.key
  useEffect(() => {
    if (latest !== undefined) onNews()
  }, [latest, onNews])

  const area = useRef<HTMLTextAreaElement>(null)
  const ask = useCallback(
    (text: string) => {
      focusToWrite(area.current)
      return send(text)
    },
    [send],
  )
  const older = useCallback(() => void room.older().catch(() => undefined), [room])
  const deeds = useMemo<Deeds>(
    () => ({ me, approve, cancel, regenerate, edit }),
    [me, approve, cancel, regenerate, edit],
  )

  const refused = problem !== undefined && problems[problem.code].retry === 'never'
  const said = trouble ?? (messages.length > 0 ? problem?.message : undefined)
  return (
    <div className="conversation">
      <DeedsContext value={deeds}>
        <Log
          picture={picture}
          me={me}
          empty={<Empty room={id} known={position !== undefined} problem={problem} onAsk={ask} />}
          onOlder={older}
          onRetry={room.retry}
          onDiscard={room.discard}
        />
      </DeedsContext>
      {said !== undefined && (
        <p className="mark trouble" data-tone="danger" role="alert">
          <Alert /> {said}
        </p>
      )}
      {!refused && (
        <Composer
          key={editing?.id}
          area={area}
          draft={editing === undefined ? id : `${id}/${editing.id}`}
          hint={isSession(id) ? 'Write a message' : `Message ${id}`}
          running={going.length > 0}
          steering={steering.on}
          onSteering={steering.turn}
          editing={editing?.text}
          onLeave={leave}
          onSend={editing === undefined ? (text) => send(text, steering.how) : improve}
          onStop={stop}
        />
      )}
    </div>
  )
}

interface EmptyProps {
  readonly room: RoomId
  /** Whether the server has told that nothing is there. */
  readonly known: boolean
  readonly problem: Problem | undefined
  readonly onAsk: (text: string) => Promise<void>
}

function Empty({ room, known, problem, onAsk }: EmptyProps) {
  if (problem !== undefined) {
    return (
      <div className="welcome" role="alert">
        <h2>This conversation can’t be shown</h2>
        <p>{problem.code === 'access.denied' ? 'It is private, and not yours.' : problem.message}</p>
      </div>
    )
  }
  return known ? <Welcome room={room} onAsk={onAsk} /> : <p className="waiting">Loading the conversation…</p>
}
