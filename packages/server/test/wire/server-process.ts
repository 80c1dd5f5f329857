// A server in a process of its own, which a test may kill. Arguments: a port, and the folder of its data.
import { setTimeout as wait } from 'node:timers/promises'
import { createServer, defineAgent } from '@parley/server'
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

const server = await createServer({
  port: Number(port),
  host: '127.0.0.1',
  data,
  secret,
  agent: counter,
  web: false,
  logLevel: 'trace',
})
process.once('SIGTERM', () => server.close(100))
process.stdout.write(`${server.url}\n`)
