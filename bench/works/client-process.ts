// The process that `client.ts` measures. Arguments: URL, token, room, seconds to look, and how many messages a second it says itself.
import { setTimeout as pause } from 'node:timers/promises'
import { connect } from '@parley/client'
import { atRate } from '../generator/loads.ts'

const WARM_MS = 1_000
const [url = '', token = '', name = '', seconds = '', says = ''] = process.argv.slice(2)

const client = connect(url, { token })
const room = client.room(name)
room.subscribe(() => undefined)
// Opens the room for those who speak in it.
await room.post('first')
process.send?.('ready')

const text = 'x'.repeat(100)
if (Number(says) > 0) atRate(Number(says), () => room.post(text))
const seq = (): number => room.timeline.position?.seq ?? 0
await pause(WARM_MS)
globalThis.gc?.()
const [before, cpu, begun, from] = [process.memoryUsage(), process.cpuUsage(), performance.now(), seq()]
await pause(Number(seconds) * 1e3)
const { user, system } = process.cpuUsage(cpu)
const ms = performance.now() - begun
const shown = seq() - from
globalThis.gc?.()
const after = process.memoryUsage()
process.send?.({
  cpuMicros: (user + system) / shown,
  clientPct: (user + system) / ms / 10,
  perSecond: (shown * 1e3) / ms,
  rssMb: (after.rss - before.rss) / 2 ** 20,
  heapMb: (after.heapUsed - before.heapUsed) / 2 ** 20,
})
