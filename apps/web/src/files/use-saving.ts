// Saving a file: the browser fetches it, however large. Only a link is asked for here, and not before somebody wants it.
import { type Attachment, Refusal } from '@parley/protocol'
import { useClient } from '@parley/react'
import { useState } from 'react'
import { save } from '../browser/save.ts'

export interface Saving {
  readonly state: 'idle' | 'asked' | 'gone'
  readonly ask: () => void
}

export function useSaving(file: Attachment): Saving {
  const client = useClient()
  const [state, setState] = useState<Saving['state']>('idle')

  async function ask(): Promise<void> {
    setState('asked')
    try {
      save(await client.urlOf(file), file.name)
      setState('idle')
    } catch (cause) {
      setState(cause instanceof Refusal && cause.problem.code === 'attachment.unknown' ? 'gone' : 'idle')
    }
  }

  return { state, ask: () => void ask() }
}
