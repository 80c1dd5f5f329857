// Tools that ask to be allowed where nobody sits who could be asked: in scripts and pipes.
import type { Room, RoomPicture, ToolPicture } from '@parley/client'
import type { RunId } from '@parley/protocol'
import { type Command, Option } from 'commander'
import { watch } from './answers.ts'
import { activeRuns } from './chat/meant.ts'
import { Ending, messageOf } from './ending.ts'
import { nameOf } from './printable.ts'
import { wishOf } from './tool-lines.ts'

const POLICIES = ['wait', 'allow', 'deny', 'exit'] as const

/** `wait`: somebody else may decide, until the server's time for it is over. `exit`: the command ends; the run waits on. */
export type Approvals = (typeof POLICIES)[number]

export interface ApprovalOptions {
  readonly approvals: Approvals
}

export function addApprovalOption(command: Command): Command {
  return command.addOption(
    new Option('--approvals <what>', 'what to do when the agent asks whether it may use a tool')
      .choices(POLICIES)
      .default('wait' satisfies Approvals),
  )
}

export interface MindParts {
  readonly room: Room
  readonly approvals: Approvals
  /** Whether the run answers what was said here. */
  ours(run: RunId, picture: RoomPicture): boolean
  note(line: string): void
}

/** Sees to each question once. `signal` aborts with an {@link Ending} where one means the end. */
export function mindApprovals({ room, approvals, ours, note }: MindParts) {
  const end = new AbortController()
  const seen = new Set<string>()
  const stop = watch(room, (picture) => {
    for (const tool of picture.tools.values()) {
      if (tool.state !== 'asking' || seen.has(tool.call)) continue
      const own = ours(tool.run, picture)
      if (!own && !isAhead(tool, picture, ours)) continue
      seen.add(tool.call)
      const question = `${nameOf(tool.by)} asks${own ? '' : ', about something said before'}: ${wishOf(tool)}: allow?`
      if (approvals === 'exit') return end.abort(new Ending('approval', `${question} ${whereTo(room)}`))
      // What others have set going is theirs to allow.
      const waits = approvals === 'wait' || !own
      note(`* ${question} ${waits ? waiting(room, tool) : decided[approvals]}`)
      if (waits) continue
      const reason = approvals === 'deny' ? 'nobody was there to be asked' : undefined
      room.approve(tool.call, approvals === 'allow', reason).catch((error) => note(`* ${messageOf(error)}`))
    }
  })
  return { signal: end.signal, stop }
}

/** Whether an answer of ours waits for it, because the same agent is still at work on something else. */
function isAhead({ by }: ToolPicture, picture: RoomPicture, ours: MindParts['ours']): boolean {
  return activeRuns(picture).some(({ id, agent }) => agent.id === by.id && ours(id, picture))
}

const decided = { allow: 'Allowed.', deny: 'Denied.' } as const

function waiting(room: Room, { approval }: ToolPicture): string {
  const until = approval === undefined ? '' : ` Waiting until ${new Date(approval.until).toISOString()}.`
  return whereTo(room) + until
}

function whereTo({ id }: Room): string {
  return `\`parley chat ${id}\` can answer.`
}
