// What is being written in a room: something new, or an earlier message differently.
import type { Room } from '@parley/client'
import { attachmentsOf } from '@parley/protocol'
import { useMemo } from 'react'
import { Draft, draftIn } from './draft.ts'
import type { Edited } from './use-editing.ts'

export function useDraft(room: Room, editing: Edited | undefined): Draft {
  return useMemo(() => {
    if (editing === undefined) return draftIn(room)
    const { id, text, parts } = editing
    return new Draft({ name: `${room.id}/${id}`, begun: text, wordless: attachmentsOf(parts).length > 0 })
  }, [room, editing])
}
