// Who is known in a room: the same map until somebody else is, or is called differently.
import type { RoomPicture } from '@parley/client'
import { useMemo, useRef } from 'react'
import { type People, peopleOf, sameOr } from './people.ts'

export function useKnown({ messages, members }: Pick<RoomPicture, 'messages' | 'members'>): People {
  const known = useRef<People>(new Map())
  return useMemo(() => {
    known.current = sameOr(
      known.current,
      peopleOf(
        messages,
        [...members.values()].map(({ user }) => user),
      ),
    )
    return known.current
  }, [messages, members])
}
