// The process that `client.ts` measures.
import { connect } from '@parley/client'

const SECONDS = 10
const RATE = 1_000
const [url = '', token = ''] = process.argv.slice(2)

const client = connect(url, { token })
const room = client.room('bench-client')
const stop = room.subscribe(() => undefined)
await room.post('warm')
globalThis.gc?.()
const before = process.memoryUsage()
const cpu = process.cpuUsage()
const begun = performance.now()
const sends: Promise<unknown>[] = []
while (sends.length < RATE * SECONDS) {
  const due = Math.min(RATE * SECONDS, Math.floor(((performance.now() - begun) * RATE) / 1000))
  while (sends.length < due) sends.push(room.post(`message ${sends.length} ${'x'.repeat(100)}`))
  await new Promise((resolve) => setTimeout(resolve, 5))
}
await Promise.all(sends)
const seconds = (performance.now() - begun) / 1000
const used = process.cpuUsage(cpu)
const messages = sends.length
const { timeline } = room
if (timeline.pending.length > 0 || timeline.position?.seq !== messages + 1)
  throw new Error('not all messages are shown')
sends.length = 0
globalThis.gc?.()
const after = process.memoryUsage()
process.send?.({
  messages,
  seconds,
  cpuPct: (used.user + used.system) / 10_000 / seconds,
  rssMb: (after.rss - before.rss) / 2 ** 20,
  heapMb: (after.heapUsed - before.heapUsed) / 2 ** 20,
})
stop()
await client.close()
process.disconnect?.()
