// A Parley server in a process of its own, embedded by somebody who brings an agent: it answers `20 100` with 100 pieces, one
// every 20 ms, each stamped with when it was due.
import { setTimeout as pause } from 'node:timers/promises'
import { createServer, defineAgent } from '@parley/server'
import { micros, stampOf } from '../generator/stamp.ts'

async function* pieces(everyMs: number, count: number): AsyncGenerator<string> {
  // Answers begin when they like: not all of them at the same moment.
  const begun = micros() / 1e3 + Math.random() * everyMs
  for (let number = 1; number <= count; number += 1) {
    const due = begun + number * everyMs
    await pause(Math.max(0, Math.ceil(due - micros() / 1e3)))
    yield `${stampOf(due * 1e3)} some words of an answer `
  }
}

const streamer = defineAgent({
  id: 'streamer',
  name: 'streamer',
  history: 0,
  reply({ message }) {
    const [part] = message.parts
    const [everyMs = 20, count = 1] = (part?.type === 'text' ? part.text : '').split(' ').map(Number)
    return pieces(everyMs, count)
  },
})

const { PARLEY_DATA: data = '', PARLEY_SECRET: secret = '' } = process.env
const limits = { connectionRate: 0, userRate: 0 }
const server = await createServer({ port: 0, data, secret, agent: streamer, limits, web: false, logLevel: 'warn' })
process.once('SIGTERM', () => server.close(0))
console.log(server.url)
