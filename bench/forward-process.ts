// A server in a process of its own that streams pieces at a fixed pace: Parley with an agent, or a bare `ws` that only forwards.
// Arguments: parley or ws, milliseconds between two pieces, pieces of a stream.
import { setTimeout as pause } from 'node:timers/promises'
import { createServer, defineAgent } from '@parley/server'
import { WebSocketServer } from 'ws'

const [kind, pace = '20', count = '500'] = process.argv.slice(2)

/** Pieces that say when they were there. */
async function* pieces(): AsyncGenerator<string> {
  // Answers begin when they like: not all of them at the same moment.
  const begun = now() + Math.random() * Number(pace)
  for (let number = 1; number <= Number(count); number += 1) {
    await pause(Math.max(0, begun + number * Number(pace) - now()))
    yield `~${now().toFixed(3)}~ some words of an answer `
  }
}

/** Milliseconds on the clock that all processes of a machine share. */
function now(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

if (kind === 'ws') {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', (socket) => {
    socket.once('message', async () => {
      for await (const text of pieces()) socket.send(JSON.stringify({ type: 'chunk', text }))
      socket.send(JSON.stringify({ type: 'end' }))
    })
  })
  server.once('listening', () => {
    const address = server.address()
    console.log(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`)
  })
  process.once('SIGTERM', () => process.exit(0))
} else {
  const streamer = defineAgent({ id: 'streamer', name: 'streamer', reply: () => pieces() })
  const { PARLEY_DATA: data = '', PARLEY_SECRET: secret = '' } = process.env
  const server = await createServer({ port: 0, data, secret, agent: streamer, web: false, logLevel: 'warn' })
  process.once('SIGTERM', () => server.close(0))
  console.log(server.url)
}
