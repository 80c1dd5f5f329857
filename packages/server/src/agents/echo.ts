// The agent that says what you said, word by word: for tests, demonstrations and first steps.
import { textOf } from '@parley/protocol'
import type { Agent } from '../seams/agent.ts'
import { type Pace, paced, wordsOf } from './pace.ts'

export function echo(pace: Pace = {}): Agent {
  return {
    id: 'echo',
    name: 'echo',
    history: 0,
    reply: ({ message, signal }) => paced(wordsOf(textOf(message.parts)), pace, signal),
  }
}
