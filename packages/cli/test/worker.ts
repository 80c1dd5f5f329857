// An agent with tools, as the tests of the command need one: each of its steps waits until the test lets it go on.
import { type Agent, defineTool } from '@parley/server'

const nothing = { jsonSchema: { type: 'object' } } as const

/** Asks before it erases; counts as it indexes, and stops half-way until it is let on. */
export function worker() {
  const half = Promise.withResolvers<void>()
  const erase = defineTool({
    name: 'erase',
    title: 'Erase the index',
    description: 'erases',
    input: nothing,
    approval: true,
    execute: () => 'erased',
  })
  const index = defineTool({
    name: 'index',
    title: 'Index the docs',
    description: 'indexes',
    input: nothing,
    async *execute(_, { signal }) {
      yield 'reading one.md\n'
      yield { type: 'progress', fraction: 0.5, text: '1 of 2 files' }
      await Promise.race([half.promise, new Promise((resolve) => signal.addEventListener('abort', resolve))])
      signal.throwIfAborted()
      yield 'reading two.md\n'
      return 2
    },
  })
  const agent: Agent = {
    id: 'worker',
    name: 'worker',
    async *reply({ message, use }) {
      const text = message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
      yield 'Let me see.\n'
      const { outcome } = await use(text.includes('erase') ? erase : index, {})
      yield `It is ${outcome}.`
    },
  }
  return { agent, goOn: () => half.resolve() }
}
