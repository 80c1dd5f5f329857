// What a webhook can be told.
import type { Fact, Growth } from '@parley/protocol'

/** All facts but growth, which is disposable. */
export type HookEvent = Exclude<Fact['type'], Growth['type']>

export const STANDARD: readonly HookEvent[] = ['message.posted', 'message.closed', 'run.ended', 'task.set']

const KNOWN = {
  'message.posted': true,
  'message.edited': true,
  'message.redacted': true,
  'message.reacted': true,
  'message.opened': true,
  'message.closed': true,
  'task.set': true,
  'run.started': true,
  'run.resumed': true,
  'run.steered': true,
  'run.cancelling': true,
  'run.ended': true,
  'tool.called': true,
  'tool.ready': true,
  'tool.started': true,
  'tool.cancelling': true,
  'tool.ended': true,
  'approval.asked': true,
  'approval.given': true,
} as const satisfies Record<HookEvent, true>

export function isHookEvent(name: string): name is HookEvent {
  return Object.hasOwn(KNOWN, name)
}
