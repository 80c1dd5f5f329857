// What a tool yields before its output: text that grows is what it prints, anything else is how far it has come.
import type { Thought } from '../seams/agent.ts'
import { jsonOf, progressOf } from './ui-message-stream-data.ts'

export class Preliminary {
  #last: string | undefined
  #printed = 0

  /** Each one takes the place of the one before. */
  hear(call: string, said: unknown): Thought {
    const progress = progressOf(said) ?? { text: JSON.stringify(jsonOf(said)) }
    const before = this.#last
    this.#last = typeof said === 'string' ? said : undefined
    if (typeof said !== 'string' || before === undefined || said.length <= before.length || !said.startsWith(before))
      return { type: 'tool.progress', call, ...progress }
    const text = said.slice(this.#printed)
    this.#printed = said.length
    return { type: 'tool.output', call, text }
  }
}
