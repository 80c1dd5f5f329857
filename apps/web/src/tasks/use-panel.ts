// Whether the tasks stand beside the conversation: by themselves where there is room and something to be done, or as chosen.
import type { RoomPicture } from '@parley/client'
import type { RoomId } from '@parley/protocol'
import { useClient } from '@parley/react'
import { useCallback, useState } from 'react'
import { useWide } from '../browser/media.ts'
import { usePart } from '../conversation/use-picture.ts'
import { goingIn } from './board.ts'

export interface Panel {
  readonly open: boolean
  readonly turn: (open: boolean) => void
  /** Whether it covers the conversation. */
  readonly over: boolean
  /** How many tasks are to be done. */
  readonly going: number
}

export function usePanel(room: RoomId): Panel {
  const tasks = usePart(useClient().room(room), tasksIn)
  const wide = useWide()
  const going = goingIn(tasks.values())
  const [chosen, setChosen] = useState<boolean>()
  return { open: chosen ?? (wide && going > 0), turn: useCallback(setChosen, []), over: !wide, going }
}

function tasksIn({ tasks }: RoomPicture) {
  return tasks
}
