// Saying something in a room, stopping who speaks there, and what went wrong with either.
import type { Room } from '@parley/client'
import { useCallback, useState } from 'react'
import { uuid } from '../browser/uuid.ts'
import { running } from './entries.ts'

export interface Voice {
  /** Rejects when the text was not taken: then it is still the writer's. */
  readonly send: (text: string) => Promise<void>
  /** Stops all agents that are at work here. */
  readonly stop: () => Promise<void>
  readonly trouble: string | undefined
}

export function useVoice(room: Room): Voice {
  const [trouble, setTrouble] = useState<string>()

  const send = useCallback(
    async (text: string) => {
      const message = uuid()
      setTrouble(undefined)
      try {
        await room.post(text, { id: message })
      } catch (error) {
        // A refused message stays in sight with its reason.
        if (room.timeline.pending.some(({ id }) => id === message)) return
        setTrouble(`Could not send: ${reasonOf(error)}`)
        throw error
      }
    },
    [room],
  )

  const stop = useCallback(async () => {
    setTrouble(undefined)
    try {
      await Promise.all(running(room.timeline.runs).map(({ id }) => room.cancel(id)))
    } catch (error) {
      setTrouble(`Could not stop: ${reasonOf(error)}`)
    }
  }, [room])

  return { send, stop, trouble }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'the reason is not known'
}
