// A file that is said in a room, looked for from the newest message back to the oldest.
import type { Room } from '@parley/client'
import { type Attachment, attachmentsOf, type Timeline } from '@parley/protocol'
import { inRoom } from './answers.ts'
import { refused } from './ending.ts'

/** Events that are asked for at once. */
const STRETCH = 1_000

/** Undefined: no message that is kept holds it. Rejects where the room may not be read. */
export async function findFile(room: Room, id: string): Promise<Attachment | undefined> {
  // As long as somebody looks, the room is heard.
  const stop = room.subscribe(() => {})
  try {
    const problem = await inRoom(room, ({ position, problem }) => (position === undefined ? problem : 'heard'))
    if (problem !== 'heard') throw refused(problem)
    let found = fileIn(room.timeline, id)
    for (let more = true; found === undefined && more; found = fileIn(room.timeline, id))
      more = await room.older(STRETCH)
    return found
  } finally {
    stop()
  }
}

export function fileIn({ messages }: Pick<Timeline, 'messages'>, id: string): Attachment | undefined {
  return messages.flatMap(({ parts }) => attachmentsOf(parts)).findLast((file) => file.id === id)
}
