// Many answers streaming at once: how late a piece reaches its reader, gathered for up to 20 ms and durable by then, and what it
// costs, beside a bare `ws` server that forwards the same pieces at once and keeps nothing.
import { fileURLToPath } from 'node:url'
import { type Figures, run, spread, tokenFor, Wire } from './measure.ts'

const PROGRAM = fileURLToPath(new URL('./forward-process.ts', import.meta.url))
const STREAMS = 200
const PACE_MS = 20
const PIECES = 500
/** On a core of its own. */
const SERVER = ['taskset', '-c', '0', process.execPath, '--conditions=parley-source', PROGRAM]
const STAMP = /~([\d.]+)~/gu

interface Round {
  readonly times: readonly number[]
  readonly cpuMicros: number
}

function now(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

function collect(times: number[], text: string): void {
  const at = now()
  for (const [, stamp] of text.matchAll(STAMP)) times.push(at - Number(stamp))
}

async function parley(): Promise<Round> {
  const running = await run([...SERVER, 'parley', String(PACE_MS), String(PIECES)])
  const times: number[] = []
  const wires = await Promise.all(
    Array.from({ length: STREAMS }, async (_, index) => Wire.open(`${running.url}`, await tokenFor(`reader-${index}`))),
  )
  const before = running.cpuMs()
  await Promise.all(
    wires.map(async (wire) => {
      const ended = new Promise<void>((resolve) => {
        wire.onPage = (frame) => {
          const text = JSON.stringify(frame)
          if (text.includes('"message.closed"')) resolve()
          else collect(times, text)
        }
      })
      const room = `session:${crypto.randomUUID()}`
      await wire.ask({ type: 'join', room })
      await wire.ask({ type: 'post', room, id: 'q', parts: 'go' })
      await ended
    }),
  )
  const cpu = running.cpuMs() - before
  for (const wire of wires) wire.close()
  await running.stop()
  return { times, cpuMicros: (cpu * 1000) / (STREAMS * PIECES) }
}

async function bare(): Promise<Round> {
  const running = await run([...SERVER, 'ws', String(PACE_MS), String(PIECES)])
  const url = running.url.replace('/api/ws', '')
  const times: number[] = []
  const sockets = await Promise.all(
    Array.from({ length: STREAMS }, async () => {
      const socket = new WebSocket(url)
      await new Promise((resolve) => {
        socket.onopen = resolve
      })
      return socket
    }),
  )
  const before = running.cpuMs()
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise<void>((resolve) => {
          socket.onmessage = ({ data }) => {
            const text = String(data)
            if (text.includes('"end"')) resolve()
            else collect(times, text)
          }
          socket.send('go')
        }),
    ),
  )
  const cpu = running.cpuMs() - before
  for (const socket of sockets) socket.close()
  await running.stop()
  return { times, cpuMicros: (cpu * 1000) / (STREAMS * PIECES) }
}

export async function measureForward(): Promise<Figures> {
  const figures: string[] = []
  for (let round = 1; round <= 2; round += 1) {
    const [ours, theirs] = [await parley(), await bare()]
    figures.push(
      `${STREAMS} streams, a piece every ${PACE_MS} ms each, gathered up to 20 ms: ${spread(ours.times)}   ${ours.cpuMicros.toFixed(1)} CPU µs a piece`,
      `the same, bare ws, nothing kept: ${spread(theirs.times)}   ${theirs.cpuMicros.toFixed(1)} CPU µs a piece   (${(ours.cpuMicros / theirs.cpuMicros).toFixed(1)} times)`,
    )
  }
  return figures
}
