// A room on the screen: its lines, and where one writes.
import {
  type AttachedPart,
  attachmentsOf,
  isSession,
  type Message,
  type Part,
  type Problem,
  problems,
  type RoomId,
} from '@parley/protocol'
import { useClient } from '@parley/react'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { arranged } from '../files/pieces.ts'
import { useDrop } from '../files/use-drop.ts'
import { Alert, Clip } from '../icons.tsx'
import { nobody, PeopleContext } from '../people/people.ts'
import { TypingLine } from '../people/typing-line.tsx'
import { useKnown } from '../people/use-known.ts'
import { useAbout } from '../shell/about.ts'
import { Composer, focusToWrite } from './composer.tsx'
import { type Deeds, DeedsContext } from './deeds.ts'
import { running } from './entries.ts'
import { Log } from './log.tsx'
import { mentionsIn } from './mentions.ts'
import { useDraft } from './use-draft.ts'
import { type Edited, useEditing } from './use-editing.ts'
import { usePicture } from './use-picture.ts'
import type { Sought } from './use-seek.ts'
import { useSteering } from './use-steering.ts'
import { useVoice, type Voice } from './use-voice.ts'
import { Welcome } from './welcome.tsx'
import '../files/drop-zone.css'
import './conversation.css'

interface Props {
  readonly id: RoomId
  /** The id of the one who reads and writes. */
  readonly me: string | undefined
  /** A message to go to. */
  readonly sought: Sought | undefined
  /** Called when that has come to an end. */
  readonly onSought: () => void
  /** Called when something was said. */
  readonly onNews: () => void
}

export function Conversation({ id, me, sought: wanted, onSought, onNews }: Props) {
  const room = useClient().room(id)
  const shared = !isSession(id)
  const picture = usePicture(room)
  const { messages, runs, problem, position } = picture
  const voice = useVoice(room)
  const { send, stop, complain, trouble } = voice
  const going = useMemo(() => running(runs), [runs])
  const steering = useSteering(picture, going)
  const { editing, edit, leave, improve } = useEditing(useBetter(voice, shared))
  const [replying, setReplying] = useState<Message>()
  const [followed, setFollowed] = useState<Sought>()
  const people = useKnown(picture)
  const draft = useDraft(room, editing)

  const latest = messages.at(-1)?.key
  useEffect(() => {
    if (latest !== undefined) onNews()
  }, [latest, onNews])
  useEffect(() => {
    if (wanted !== undefined) setFollowed(wanted)
  }, [wanted])

  const area = useRef<HTMLTextAreaElement>(null)
  const ask = useCallback(
    (text: string) => {
      focusToWrite(area.current)
      return send(text)
    },
    [send],
  )
  const answer = useCallback(
    async (text: string, files: readonly AttachedPart[]) => {
      setReplying(undefined)
      const mentions = shared ? mentionsIn(text, people) : []
      const more = mentions.length === 0 ? {} : { mentions }
      try {
        await send(saidWith(text, files), {
          ...(replying === undefined ? steering.how : { replyTo: replying.key }),
          ...more,
        })
      } catch (error) {
        setReplying(replying)
        throw error
      }
    },
    [shared, people, replying, send, steering.how],
  )
  const found = useCallback(
    (yes: boolean) => {
      setFollowed(undefined)
      onSought()
      complain(yes ? undefined : 'This message is too far back, or is not there any more.')
    },
    [complain, onSought],
  )
  const deeds = useMemo<Deeds>(() => {
    const { approve, cancel, regenerate, react, redact } = voice
    const seek = (key: string) => setFollowed({ message: key })
    return {
      me,
      approve,
      cancel,
      regenerate,
      edit,
      ...(shared ? { among: { reply: setReplying, react, redact, seek } } : {}),
    }
  }, [me, voice, edit, shared])

  const refused = problem !== undefined && problems[problem.code].retry === 'never'
  const takesFiles = useAbout()?.files !== false
  const place = useRef<HTMLDivElement>(null)
  const hovered = useDrop(place, takesFiles && !refused && editing === undefined ? room.tray.add : undefined)
  const said = trouble ?? (messages.length > 0 ? problem?.message : undefined)
  return (
    <div className="conversation" ref={place}>
      <DeedsContext value={deeds}>
        <PeopleContext value={shared ? people : nobody}>
          <Log
            room={room}
            picture={picture}
            me={me}
            shared={shared}
            sought={followed}
            onSought={found}
            empty={<Empty room={id} known={position !== undefined} problem={problem} onAsk={ask} />}
          />
          {said !== undefined && (
            <p className="mark trouble" data-tone="danger" role="alert">
              <Alert /> {said}
            </p>
          )}
          {shared && <TypingLine typing={picture.typing} />}
          {!refused && (
            <Composer
              key={editing?.id}
              area={area}
              draft={draft}
              takesFiles={takesFiles}
              hint={shared ? `Message ${id}` : 'Write a message'}
              running={going.length > 0}
              steering={steering.on}
              onSteering={steering.turn}
              editing={editing && attachmentsOf(editing.parts).length}
              replying={editing === undefined ? replying : undefined}
              onLeave={editing === undefined ? () => setReplying(undefined) : leave}
              onTyping={shared ? room.typing : undefined}
              onSend={editing === undefined ? answer : improve}
              onStop={stop}
            />
          )}
        </PeopleContext>
      </DeedsContext>
      {hovered && (
        <div className="drop-zone">
          <p>
            <Clip /> Drop files to attach them
          </p>
        </div>
      )}
    </div>
  )
}

/** In a session what was said better is asked anew; among others it is only said differently, in its place. */
function useBetter({ send, amend }: Voice, shared: boolean) {
  return useCallback(
    ({ id, key }: Edited, said: readonly Part[]) => (shared ? amend(key, said) : send(said, { supersedes: id })),
    [send, amend, shared],
  )
}

function saidWith(text: string, files: readonly AttachedPart[]): readonly Part[] {
  const parts = arranged(files)
  return text === '' ? parts : [{ type: 'text', text }, ...parts]
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
