// Looking for words in what was said.
import { type Hit, type Problem, problem, Refusal } from '@parley/protocol'
import { useCallback, useRef, useState } from 'react'
import { useClient } from './provider.ts'

interface Found {
  /** Newest first; those of the search before, while one is under way. */
  readonly hits: readonly Hit[]
  readonly searching: boolean
  /** Why the last search found no answer. */
  readonly problem: Problem | undefined
}

export interface Search extends Found {
  /** Looks for messages with all of these words. A later search takes the place of one that is under way. */
  readonly search: (text: string) => void
  readonly clear: () => void
}

const nothing: Found = { hits: [], searching: false, problem: undefined }

/** In one room, or without one in all that the user may read. */
export function useSearch(room?: string): Search {
  const client = useClient()
  const [found, show] = useState(nothing)
  const latest = useRef(0)
  const look = useCallback(
    (text: string) => {
      latest.current += 1
      const mark = latest.current
      const become = (next: Found): void => {
        if (mark === latest.current) show(next)
      }
      if (text.trim() === '') return become(nothing)
      show((before) => ({ ...before, searching: true }))
      client.search(text, room === undefined ? {} : { room }).then(
        (hits) => become({ ...nothing, hits }),
        (cause) => become({ ...nothing, problem: problemOf(cause) }),
      )
    },
    [client, room],
  )
  const clear = useCallback(() => look(''), [look])
  return { ...found, search: look, clear }
}

function problemOf(cause: unknown): Problem {
  return cause instanceof Refusal ? cause.problem : problem('server.leaving', 'the connection was closed')
}
