// What a screen reader is told: each message of others once, when it is whole.
import type { Message, Timeline } from '@parley/protocol'
import { textOf } from './entries.ts'
import { nameOf } from './names.ts'

/** Somebody who was away is not read everything at once. */
const MOST = 3

export function news(before: Timeline, after: Timeline, me: string | undefined): readonly string[] {
  const { position } = before
  if (position === undefined || after.position?.epoch !== position.epoch) return []
  const growing = new Set(before.messages.filter((message) => message.state === 'streaming').map(({ key }) => key))
  return after.messages
    .filter(({ key, seq, state, by }) => {
      return state !== 'streaming' && by.id !== me && (seq > position.seq || growing.has(key))
    })
    .slice(-MOST)
    .map(spoken)
}

function spoken(message: Message): string {
  const { state } = message
  const ending = state === 'completed' || state === 'streaming' ? '' : ` (${state.replace('_', ' ')})`
  return `${nameOf(message.by)}: ${textOf(message)}${ending}`
}
