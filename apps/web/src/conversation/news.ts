// What a screen reader is told: each message of others once, when it is whole, each tool that asks, and what others decided about it.
import type { Message, Timeline, Tool } from '@parley/protocol'
import { gistOf } from './entries.ts'
import { nameOf } from './names.ts'
import { decisionOn } from './tool-words.tsx'

/** Somebody who was away is not read everything at once. */
const MOST = 3

export function news(before: Timeline, after: Timeline, me: string | undefined): readonly string[] {
  const { position } = before
  if (position === undefined || after.position?.epoch !== position.epoch) return []
  return [...wholeMessages(before, after, me), ...approvals(before, after, me)].slice(-MOST)
}

function wholeMessages(before: Timeline, after: Timeline, me: string | undefined): readonly string[] {
  if (after.messages === before.messages) return []
  const since = before.position?.seq ?? 0
  const growing = new Set(before.messages.filter((message) => message.state === 'streaming').map(({ key }) => key))
  return after.messages
    .filter(({ key, seq, state, by }) => state !== 'streaming' && by.id !== me && (seq > since || growing.has(key)))
    .map(spoken)
}

/** Page by page, so that history which is loaded later is no news. */
function approvals(before: Timeline, after: Timeline, me: string | undefined): readonly string[] {
  if (after.tools === before.tools || after.start !== before.start) return []
  return [...after.tools.values()].flatMap((tool) => {
    const was = before.tools.get(tool.call)
    return tool === was ? [] : (approvalNews(tool, was, me) ?? [])
  })
}

function approvalNews(tool: Tool, was: Tool | undefined, me: string | undefined): string | undefined {
  const { name, title = name, state, approval, by } = tool
  if (state === 'asking' && was?.state !== 'asking') return `${nameOf(by)} asks for your approval: ${title}`
  if (approval?.approved === was?.approval?.approved || approval?.user?.id === me) return undefined
  return `${title}: ${decisionOn(tool, me)}`
}

function spoken(message: Message): string {
  const { state } = message
  const ending = state === 'completed' || state === 'streaming' ? '' : ` (${state.replace('_', ' ')})`
  return `${nameOf(message.by)}: ${gistOf(message)}${ending}`
}
