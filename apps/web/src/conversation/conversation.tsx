// A room on the screen: its lines, and where one writes.
import type { RoomId } from '@parley/protocol'
import { isSession, Refusal } from '@parley/protocol'
import { useRoom } from '@parley/react'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { uuid } from '../browser/uuid.ts'
import { Alert } from '../icons.tsx'
import { Composer } from './composer.tsx'
import { running } from './entries.ts'
import { Log } from './log.tsx'
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
  const { room, timeline } = useRoom(id)
  const { messages, runs, problem, position } = timeline
  const [trouble, setTrouble] = useState<string>()
  const going = useMemo(() => running(runs), [runs])

  const latest = messages.at(-1)?.key
  useEffect(() => {
    if (latest !== undefined) onNews()
  }, [latest, onNews])

  const send = useCallback(
    async (text: string) => {
      const message = uuid()
      setTrouble(undefined)
      try {
        await room.post(text, { id: message })
      } catch (error) {
        // A refused message stays in sight with its reason. One that was not even taken goes back to its writer.
        if (room.timeline.pending.some(({ id }) => id === message)) return
        setTrouble(`Could not send: ${reasonOf(error)}`)
        throw error
      }
    },
    [room],
  )
  const retry = useCallback((message: string) => room.retry(message), [room])
  const discard = useCallback((message: string) => room.discard(message), [room])
  const older = useCallback(() => void room.older().catch(ignore), [room])
  const stop = useCallback(async () => {
    const ends = await Promise.allSettled(running(room.timeline.runs).map((run) => room.cancel(run.id)))
    setTrouble(ends.flatMap(troubleOf).at(0))
  }, [room])

  if (problem !== undefined) {
    return (
      <div className="notice" role="alert">
        <h2>This conversation can’t be shown</h2>
        <p>{problem.message}</p>
      </div>
    )
  }
  return (
    <div className="conversation">
      <Log
        picture={timeline}
        me={me}
        empty={
          position === undefined ? <Waiting /> : <Welcome room={id} onAsk={(text) => void send(text).catch(ignore)} />
        }
        onOlder={older}
        onRetry={retry}
        onDiscard={discard}
      />
      {trouble !== undefined && (
        <p className="mark trouble" data-tone="danger" role="alert">
          <Alert /> {trouble}
        </p>
      )}
      <Composer
        draft={id}
        hint={isSession(id) ? 'Write a message' : `Message ${id}`}
        running={going.length > 0}
        onSend={send}
        onStop={stop}
      />
    </div>
  )
}

function Waiting() {
  return <p className="waiting">Loading the conversation…</p>
}

function ignore(): void {}

/** Somebody else may have stopped it first: then all is as it should be. */
function troubleOf(end: PromiseSettledResult<void>): string[] {
  if (end.status === 'fulfilled') return []
  if (end.reason instanceof Refusal && end.reason.problem.code === 'run.over') return []
  return [`Could not stop: ${reasonOf(end.reason)}`]
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown reason'
}
