// Whether what is sent next corrects the agent at work.
import type { Run, RunId } from '@parley/protocol'
import { useMemo, useState } from 'react'
import { useAbout } from '../shell/about.ts'
import { type Picture, waiting } from './entries.ts'

interface Steering {
  /** Undefined where nobody can be steered now. */
  readonly on: boolean | undefined
  readonly turn: (on: boolean) => void
  /** How the next message is to be sent. */
  readonly how: { readonly steers?: RunId }
}

/** @param going the runs that have not ended */
export function useSteering(picture: Pick<Picture, 'messages' | 'runs'>, going: readonly Run[]): Steering {
  const agent = useAbout()?.agent
  const [steered, setSteered] = useState<RunId>()
  const run = useMemo(() => {
    if (agent?.steers !== true) return undefined
    const waits = waiting(picture)
    return going.find(({ id, agent: { id: by }, state }) => by === agent.id && state === 'running' && !waits.has(id))
      ?.id
  }, [agent, picture, going])
  const on = run === undefined ? undefined : steered === run
  const how = useMemo(() => (run !== undefined && on === true ? { steers: run } : {}), [run, on])
  return { on, how, turn: (yes) => setSteered(yes ? run : undefined) }
}
