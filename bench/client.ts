// What the client library costs its process: 1,000 messages a second sent and received through one client.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Figures, server, tokenFor } from './measure.ts'

interface Report {
  readonly messages: number
  readonly seconds: number
  readonly cpuPct: number
  readonly rssMb: number
  readonly heapMb: number
}

export async function measureClient(): Promise<Figures> {
  const running = await server()
  const token = await tokenFor('talker')
  const child = fork(fileURLToPath(new URL('./client-process.ts', import.meta.url)), [running.url, token], {
    execArgv: ['--conditions=parley-source', '--expose-gc'],
  })
  const report = await new Promise<Report>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Report))
    child.once('exit', (code) => reject(new Error(`the client ended with ${code}`)))
  })
  await running.stop()
  const { messages, seconds, cpuPct, rssMb, heapMb } = report
  return [
    `${messages} messages in ${seconds.toFixed(1)} s (${Math.round(messages / seconds)}/s), sent, acknowledged and shown`,
    `${cpuPct.toFixed(1)} % of a core, ${rssMb.toFixed(0)} MB more resident memory and ${heapMb.toFixed(0)} MB more heap than before`,
  ]
}
