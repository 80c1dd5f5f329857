// From a post to its answer, which means: on disk, fsynced.
import { type Figures, server, spread, tokenFor, Wire } from './measure.ts'

const SECONDS = 5

async function loop(clients: number, outstanding: number): Promise<string> {
  const running = await server()
  const wires = await Promise.all(
    Array.from({ length: clients }, async (_, index) => Wire.open(running.url, await tokenFor(`user${index}`))),
  )
  const room = 'bench'
  for (const wire of wires) await wire.ask({ type: 'join', room, history: 0 })
  // What is measured is the way to the disk, not the fan-out.
  for (const wire of wires) await wire.ask({ type: 'leave', room })
  const times: number[] = []
  const text = 'x'.repeat(200)
  const cpu = running.cpuMs()
  const begun = performance.now()
  const one = async (wire: Wire, lane: string): Promise<void> => {
    for (let n = 0; performance.now() - begun < SECONDS * 1000; n += 1) {
      const sent = performance.now()
      await wire.ask({ type: 'post', room, id: `${lane}-${n}`, parts: text })
      times.push(performance.now() - sent)
    }
  }
  await Promise.all(
    wires.flatMap((wire, index) => Array.from({ length: outstanding }, (_, lane) => one(wire, `${index}-${lane}`))),
  )
  const seconds = (performance.now() - begun) / 1000
  const used = running.cpuMs() - cpu
  await running.stop()
  const rate = Math.round(times.length / seconds)
  return `${clients} × ${outstanding} outstanding: ${spread(times)}   ${rate}/s   ${((used * 1000) / times.length).toFixed(1)} CPU µs each`
}

export async function measureAck(): Promise<Figures> {
  return [await loop(1, 1), await loop(50, 1), await loop(50, 16)]
}
