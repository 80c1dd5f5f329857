// From the call of a client to its welcome: TCP, handshake, token checked.
import { type Figures, server, spread, tokenFor, Wire } from './measure.ts'

export async function measureConnect(): Promise<Figures> {
  const running = await server()
  const times: number[] = []
  for (let round = 0; round < 200; round += 1) {
    const token = await tokenFor(`user${round}`)
    const begun = performance.now()
    const wire = await Wire.open(running.url, token)
    times.push(performance.now() - begun)
    wire.close()
  }
  await running.stop()
  return [`200 clients one after the other: ${spread(times)}`]
}
