// A room's conversation as AG-UI messages: those of chat completions, with ids that stay the same from run to run.
import type { Message } from '@ag-ui/client'
import { textOf } from '@parley/protocol'
import type { Turn } from '../seams/agent.ts'
import { recent } from './conversation.ts'
import { answerOf, type ChatMessage } from './openai-context.ts'

/** The conversation up to and including the message to answer, oldest first. */
export function messagesOf(turn: Pick<Turn, 'message' | 'history' | 'calls'>): Message[] {
  return recent(turn).flatMap(({ key, by, parts }): Message[] => {
    if (by.kind !== 'agent') return [{ id: key, role: 'user', content: textOf(parts) }]
    const told = answerOf(parts, turn.calls, (call = '') => call)
    return told.map((message, index) => messageOf(message, index === 0 ? key : `${key}/${index}`))
  })
}

function messageOf(message: ChatMessage, id: string): Message {
  const { role, content } = message
  switch (role) {
    case 'assistant': {
      const { tool_calls: toolCalls } = message
      return { id, role, content, ...(toolCalls === undefined ? {} : { toolCalls }) }
    }
    case 'tool':
      return { id, role, content, toolCallId: message.tool_call_id }
    default:
      return { id, role, content }
  }
}
