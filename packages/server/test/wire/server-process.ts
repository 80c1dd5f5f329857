// A server in a process of its own, which a test may kill. Arguments: a port, and the folder of its data.
import { setTimeout as wait } from 'node:timers/promises'
import { textOf } from '@parley/protocol'
import { createServer, defineAgent, defineTool } from '@parley/server'
import { secret } from './secret.ts'

const [port = '0', data = ''] = process.argv.slice(2)

/** Counts for ever, so that whenever the server dies it dies in the middle of an answer. */
const counter = defineAgent({
  id: 'counter',
  name: 'counter',
  async *reply({ signal }) {
    for (let number = 1; !signal.aborted; number += 1) {
      yield `${number} `
      await wait(10)
    }
  },
})

const sleeper = defineTool({
  name: 'wreck',
  description: 'does all that a tool should not',
  input: { jsonSchema: { type: 'object' } },
  async execute() {
    setTimeout(() => {
      throw new Error('out of a timer')
    }, 1)
    void Promise.reject(new Error('a forgotten promise'))
    await wait(50)
    return 'survived'
  },
})

/** Does what it is told: to use a tool that breaks things, or to ask before it does something. */
const worker = defineAgent({
  id: 'worker',
  name: 'worker',
  onInterrupted: 'wait',
  tools: [sleeper, defineTool({ ...sleeper, name: 'ask', approval: true, execute: () => 'done' })],
  async *reply(turn) {
    if (turn.partial === undefined) yield (await turn.use(textOf(turn.message.parts).split(' ').at(-1) ?? '', {})).text
    else for (const call of turn.calls.values()) if (call.run === turn.run) yield String(call.output)
  },
})

const server = await createServer({
  port: Number(port),
  host: '127.0.0.1',
  data,
  secret,
  agent: [{ agent: counter }, { agent: worker, answers: 'mentions' }],
  web: false,
  logLevel: 'trace',
})
process.once('SIGTERM', () => server.close(100))
process.stdout.write(`${server.url}\n`)
