// A room's conversation as AG-UI messages: those of chat completions, with ids that stay the same from run to run.
import type { Message } from '@ag-ui/client'
import { attachmentsOf, type Part, textOf } from '@parley/protocol'
import type { Turn } from '../seams/agent.ts'
import { recent } from './conversation.ts'
import { type AnswerMessage, answerOf } from './openai-context.ts'
import { wordsAbout } from './shown-files.ts'

/** The conversation up to and including the message to answer, oldest first. */
export function messagesOf(turn: Pick<Turn, 'message' | 'history' | 'calls'>): Message[] {
  return recent(turn).flatMap(({ key, by, parts }): Message[] => {
    if (by.kind !== 'agent') return [{ id: key, role: 'user', content: wordsOf(parts) }]
    const told = answerOf(parts, turn.calls, (call = '') => call)
    return told.map((message, index) => messageOf(message, index === 0 ? key : `${key}/${index}`))
  })
}

/** Of files it hears by name. */
function wordsOf(parts: readonly Part[]): string {
  return [textOf(parts), ...attachmentsOf(parts).map(wordsAbout)].filter((words) => words !== '').join('\n\n')
}

function messageOf(message: AnswerMessage, id: string): Message {
  const { role, content } = message
  switch (role) {
    case 'assistant': {
      const { tool_calls: toolCalls } = message
      return { id, role, content, ...(toolCalls === undefined ? {} : { toolCalls }) }
    }
    case 'tool':
      return { id, role, content, toolCallId: message.tool_call_id }
  }
}
