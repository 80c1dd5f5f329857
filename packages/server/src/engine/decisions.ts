// What people decide about work that goes on: that it stops, that a tool may be used. Whether they may is asked before.
import { type ApprovalGiven, type Approve, type Author, type Cancel, Refusal } from '@parley/protocol'
import type { Draft } from '../seams/log.ts'
import type { Room } from './room.ts'
import { decisionId, SYSTEM } from './tool-call.ts'

/** Asks a run, or one of its tool calls, to stop. Resolves with the seq of that; refuses (`run.over`) what is over. */
export async function cancel(room: Room, by: Author, { run, call }: Omit<Cancel, 'type' | 'room'>): Promise<number> {
  const draft: Draft =
    call === undefined
      ? { by, id: `${run}.cancelling`, fact: { type: 'run.cancelling', run } }
      : { by, id: `${call}.cancelling`, fact: { type: 'tool.cancelling', run, call } }
  const [appended] = await room.append([draft])
  return appended?.event.seq ?? 0
}

/** The first decision stands, and everybody else hears that it was taken (`approval.over`). Resolves with its seq. */
export async function decide(room: Room, user: Author, wish: Omit<Approve, 'type' | 'room'>): Promise<number> {
  const { run, call, approved, reason } = wish
  const said = reason === undefined ? {} : { reason }
  const fact: ApprovalGiven = { type: 'approval.given', run, call, approved, ...said, user }
  const [appended] = await room.append([{ by: SYSTEM, id: decisionId(call), fact }]).catch(asTooLate)
  const first = appended?.event.fact
  if (first?.type !== 'approval.given' || first.user?.id !== user.id || first.approved !== approved)
    throw new Refusal('approval.over', 'it was decided already')
  return appended?.event.seq ?? 0
}

function asTooLate(cause: unknown): never {
  if (cause instanceof Refusal && cause.problem.code === 'run.over')
    throw new Refusal('approval.over', 'nothing waits for this decision')
  throw cause
}
