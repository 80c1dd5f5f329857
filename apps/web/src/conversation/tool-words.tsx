// How the states of a tool are called and drawn.
import type { Author, Tool, ToolProgress } from '@parley/protocol'
import { Alert, Barred, Check, Clock, Pencil, Shield, Skip, Square, Wrench } from '../icons.tsx'
import { nameOf } from './names.ts'

export const words: Record<Tool['state'], string> = {
  writing: 'Preparing',
  asking: 'Waits for approval',
  running: 'Running',
  cancelling: 'Stopping',
  ok: 'Done',
  failed: 'Failed',
  timed_out: 'Timed out',
  cancelled: 'Cancelled',
  denied: 'Denied',
  skipped: 'Replaced by its fallback',
}

export function StateIcon({ state }: Pick<Tool, 'state'>) {
  switch (state) {
    case 'writing':
      return <Pencil />
    case 'asking':
      return <Shield />
    case 'running':
    case 'cancelling':
      return <Wrench />
    case 'ok':
      return <Check />
    case 'failed':
      return <Alert />
    case 'timed_out':
      return <Clock />
    case 'cancelled':
      return <Square size={15} />
    case 'denied':
      return <Barred />
    case 'skipped':
      return <Skip />
  }
}

/** Who allowed or denied it, and why; undefined as long as nobody has and where nobody had to. */
export function decisionOn({ approval }: Pick<Tool, 'approval'>, me: string | undefined): string | undefined {
  if (approval?.approved === undefined) return undefined
  const { approved, user, reason } = approval
  const what = decision(approved, user, me)
  return reason === undefined || reason === '' ? what : `${what}: ${reason}`
}

function decision(approved: boolean, user: Author | undefined, me: string | undefined): string {
  if (user === undefined) return approved ? 'Approved' : 'Not approved'
  return `${approved ? 'Approved' : 'Denied'} by ${user.id === me ? 'you' : nameOf(user)}`
}

/** 0 to 1; undefined where nobody knows how much is left. A step that is being done is not done. */
export function fractionOf({ fraction, step, steps }: ToolProgress): number | undefined {
  if (fraction !== undefined) return Math.min(Math.max(fraction, 0), 1)
  if (step === undefined || steps === undefined || steps <= 0) return undefined
  return Math.min(Math.max((step - 1) / steps, 0), 1)
}

/** How far it has come, in few words; empty where that is not known. */
export function measureOf(progress: ToolProgress): string {
  const { step, steps } = progress
  if (step !== undefined) return steps === undefined ? `Step ${step}` : `Step ${step} of ${steps}`
  const fraction = fractionOf(progress)
  return fraction === undefined ? '' : `${Math.round(fraction * 100)} %`
}
