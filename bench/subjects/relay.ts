// Servers that only relay: they keep nothing, check nobody, and know no order beyond that of a socket.
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { firstLine } from '../machine.ts'
import type { Subject, Tongue } from './subject.ts'

const PEERS = fileURLToPath(new URL('../peers/', import.meta.url))

/** What the peers speak that have no words of their own for rooms. */
export const plain: Tongue = {
  door: () => ({ path: '/', protocols: [] }),
  greet: async () => undefined,
  async join(wire, room) {
    wire.send(JSON.stringify({ type: 'join', room }))
    await wire.hear('"joined"')
  },
  publish: (room, text) => JSON.stringify({ type: 'publish', room, text }),
  echo: (_, stamp, text) => JSON.stringify({ type: 'echo', stamp, text }),
  stream: (_, everyMs, pieces) => JSON.stringify({ type: 'stream', everyMs, pieces }),
  streamEnd: '"end"',
}

/** Packets of Engine.IO and Socket.IO: `4` is a message, `2` in it an event. */
const engineIo: Tongue = {
  door: () => ({ path: '/socket.io/?EIO=4&transport=websocket', protocols: [] }),
  async greet(wire) {
    wire.heartbeat = { asked: '2', answer: '3' }
    await wire.hear('0{')
    wire.send('40')
    await wire.hear('40{')
  },
  async join(wire, room) {
    wire.send(event('join', { room }))
    await wire.hear('"joined"')
  },
  publish: (room, text) => event('publish', { room, text }),
  echo: (_, stamp, text) => event('echo', { stamp, text }),
  stream: (_, everyMs, pieces) => event('stream', { everyMs, pieces }),
  streamEnd: '"end"',
}

function event(name: string, data: object): string {
  return `42${JSON.stringify([name, data])}`
}

/** A peer that runs in Node, from its package. */
function inNode(name: string, file: string, packageName: string, about: string, tongue = plain): Subject {
  return {
    name,
    about,
    tongue,
    prepare: () => (versionOf(packageName) === '' ? `${packageName} is not installed` : undefined),
    version: () => versionOf(packageName),
    command: () => [process.execPath, PEERS + file],
  }
}

function versionOf(packageName: string): string {
  try {
    return JSON.parse(readFileSync(`${PEERS}node_modules/${packageName}/package.json`, 'utf8')).version
  } catch {
    return ''
  }
}

export const ws = inNode('ws', 'ws.js', 'ws', 'the usual loop: a room is a set of sockets, `send(string)` to each')

export const fastifyWebsocket = inNode(
  'fastify-websocket',
  'fastify.js',
  '@fastify/websocket',
  'the same loop in a Fastify app',
)

export const socketIo = inNode('Socket.IO', 'socket-io.js', 'socket.io', 'its own rooms, over WebSocket only', engineIo)

/** Its package brings the program in one of two places, depending on whether its install script was allowed to run. */
const bunProgram = (): string | undefined =>
  ['node_modules/.bin/bun', ...globSync('node_modules/@oven/*/bin/bun', { cwd: PEERS })]
    .map((file) => PEERS + file)
    .find((program) => firstLine(program, '--version') !== undefined)

export const bun: Subject = {
  name: 'Bun',
  about: "Bun's server with its topics, which is uWebSockets below",
  tongue: plain,
  prepare: () => (bunProgram() === undefined ? 'its program does not run here' : undefined),
  version: () => versionOf('bun'),
  command: () => [bunProgram() ?? '', `${PEERS}bun.js`],
}
