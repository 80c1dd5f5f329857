// The files of a room as an agent at work sees them: it reads what is said there, and keeps what is its own.
import { attachedPart, Refusal, type RoomId } from '@parley/protocol'
import type { Agent, RoomFiles } from '../seams/agent.ts'
import type { Held } from './answer.ts'
import type { Attachments } from './attachments.ts'

export function roomFiles(files: Attachments | undefined, room: RoomId, { run, since }: Held, agent: Agent): RoomFiles {
  let kept = 0
  const here = (): Attachments => {
    if (files === undefined) throw new Refusal('attachment.type', 'this server takes no files')
    return files
  }
  return {
    async *read(id) {
      yield* here().readIn(room, id)
    },
    preview: (id) => here().previewIn(room, id),
    async keep(name, bytes) {
      kept += 1
      // Whoever goes on with the run elsewhere keeps files of its own.
      const id = `${run}.${since}.${kept}`
      return attachedPart(await here().deliver({ room, owner: agent.id, id, name }, bytes))
    },
  }
}
