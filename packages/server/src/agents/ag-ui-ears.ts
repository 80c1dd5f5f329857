// Which AG-UI event says what. Steps, subagents, raw events and snapshots of messages say nothing that a room keeps.
import type { ActivityMessage, AgentSubscriber } from '@ag-ui/client'
import type { UIMessageChunk } from 'ai'

/** Hears one run. */
export function ears(tell: (chunk: UIMessageChunk) => void): AgentSubscriber {
  /** Messages that the agent tells for others than itself. */
  const others = new Set<string>()
  const calls = new Set<string>()
  let activity: string | undefined
  return {
    onTextMessageStartEvent({ event: { messageId: id, role = 'assistant' } }) {
      if (role === 'assistant') tell({ type: 'text-start', id })
      else others.add(id)
    },
    onTextMessageContentEvent({ event: { messageId: id, delta } }) {
      if (!others.has(id)) tell({ type: 'text-delta', id, delta })
    },
    onTextMessageEndEvent({ event: { messageId: id } }) {
      if (!others.has(id)) tell({ type: 'text-end', id })
    },
    onReasoningMessageStartEvent: ({ event }) => tell({ type: 'reasoning-start', id: event.messageId }),
    onReasoningMessageContentEvent: ({ event }) =>
      tell({ type: 'reasoning-delta', id: event.messageId, delta: event.delta }),
    onReasoningMessageEndEvent: ({ event }) => tell({ type: 'reasoning-end', id: event.messageId }),
    onToolCallStartEvent({ event: { toolCallId, toolCallName: toolName } }) {
      calls.add(toolCallId)
      tell({ type: 'tool-input-start', toolCallId, toolName })
    },
    onToolCallArgsEvent: ({ event }) =>
      tell({ type: 'tool-input-delta', toolCallId: event.toolCallId, inputTextDelta: event.delta }),
    onToolCallEndEvent: ({ event, toolCallName: toolName, toolCallArgs: input }) =>
      tell({ type: 'tool-input-available', toolCallId: event.toolCallId, toolName, input }),
    onToolCallResultEvent: ({ event: { toolCallId, content } }) =>
      tell({ type: 'tool-output-available', toolCallId, output: outputOf(content) }),
    onCustomEvent: ({ event: { name, value } }) => tell({ type: `data-${name}`, data: value }),
    onStateChanged: ({ state }) => tell({ type: 'data-state', id: 'state', data: state }),
    onActivitySnapshotEvent({ event }) {
      activity = event.messageId
    },
    onActivityDeltaEvent({ event }) {
      activity = event.messageId
    },
    /** Only now is a change of an activity known as a whole. */
    onMessagesChanged({ messages }) {
      const changed = messages.find(({ id }) => id === activity)
      activity = undefined
      if (changed?.role === 'activity') tell(activityOf(changed, calls))
    },
  }
}

/** An activity that names a tool call is how far that has come. */
function activityOf({ id, activityType, content }: ActivityMessage, calls: ReadonlySet<string>): UIMessageChunk {
  const { toolCallId } = content
  if (typeof toolCallId === 'string' && calls.has(toolCallId))
    return { type: 'tool-output-available', toolCallId, output: content, preliminary: true }
  return { type: `data-${activityType}`, id, data: content }
}

/** Tools tell what they made as text, which is usually JSON. */
function outputOf(content: unknown): unknown {
  if (typeof content !== 'string') return content
  try {
    return JSON.parse(content)
  } catch {
    return content
  }
}
