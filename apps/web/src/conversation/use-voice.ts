// Saying something in a room, what can be done about what others do there, and what went wrong with either.
import type { PostOptions, Room } from '@parley/client'
import type { Part } from '@parley/protocol'
import { useCallback, useMemo, useState } from 'react'
import { uuid } from '../browser/uuid.ts'
import type { Among, Deeds } from './deeds.ts'
import { running } from './entries.ts'

export interface Voice extends Pick<Deeds, 'approve' | 'cancel' | 'regenerate'>, Pick<Among, 'react' | 'redact'> {
  /** Rejects when what was said was not taken: then it is still the writer's. */
  readonly send: (
    said: string | readonly Part[],
    how?: Pick<PostOptions, 'steers' | 'supersedes' | 'replyTo' | 'mentions'>,
  ) => Promise<void>
  /** Says one's own message of this key differently, in its place. Rejects when that was not taken. */
  readonly amend: (key: string, said: readonly Part[]) => Promise<void>
  /** Says what could not be done; undefined takes it back. */
  readonly complain: (trouble: string | undefined) => void
  /** Stops all agents that are at work here. */
  readonly stop: () => Promise<boolean>
  readonly trouble: string | undefined
}

export function useVoice(room: Room): Voice {
  const [trouble, setTrouble] = useState<string>()

  const send = useCallback<Voice['send']>(
    async (said, how = {}) => {
      const message = uuid()
      setTrouble(undefined)
      try {
        await room.post(said, { id: message, ...how })
      } catch (error) {
        // A refused message stays in sight with its reason.
        if (room.timeline.pending.some(({ id }) => id === message)) return
        setTrouble(`Could not send: ${reasonOf(error)}`)
        throw error
      }
    },
    [room],
  )

  const deeds = useMemo(() => {
    async function attempt(what: string, deed: () => Promise<unknown>): Promise<boolean> {
      setTrouble(undefined)
      try {
        await deed()
        return true
      } catch (error) {
        setTrouble(`Could not ${what}: ${reasonOf(error)}`)
        return false
      }
    }
    return {
      stop: () => attempt('stop', () => Promise.all(running(room.timeline.runs).map(({ id }) => room.cancel(id)))),
      approve: (tool, approved, reason) =>
        attempt(approved ? 'approve' : 'deny', () => room.approve(tool.call, approved, reason)),
      cancel: ({ run, call }) => attempt('stop the tool', () => room.cancel(run, call)),
      regenerate: (run) => attempt('ask again', () => room.regenerate(run)),
      react: ({ key }, reaction, on) => attempt('react', () => room.react(key, reaction, on)),
      redact: ({ key }) => attempt('remove the message', () => room.redact(key)),
      async amend(key, said) {
        if (!(await attempt('edit', () => room.editMessage(key, said)))) throw new Error('not edited')
      },
    } satisfies Partial<Voice>
  }, [room])

  return useMemo(() => ({ send, trouble, complain: setTrouble, ...deeds }), [send, trouble, deeds])
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'the reason is not known'
}
