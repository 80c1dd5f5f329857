// What the client library costs its process.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { enter } from '../generator/crowd.ts'
import { atRate } from '../generator/loads.ts'
import { share } from '../observe.ts'
import { parley, post, tokenFor } from '../subjects/parley.ts'
import type { Figures, Scale, Stage, Work } from '../work.ts'

const PROGRAM = fileURLToPath(new URL('./client-process.ts', import.meta.url))
const POSTERS = 4
const ROOM = 'room'
const TEXT = 'x'.repeat(100)

const secondsOf = ({ name }: Scale): number => (name === 'quick' ? 1 : 6)

interface Manner {
  readonly title: string
  readonly perSecond: number
  /** Whether the client itself says what it hears. */
  readonly speaks: boolean
}

const manners: readonly Manner[] = [
  { title: '1,000 messages/s, sent, acknowledged and shown', perSecond: 1_000, speaks: true },
  { title: '1,000 messages/s of others', perSecond: 1_000, speaks: false },
  { title: '20,000 messages/s of others', perSecond: 20_000, speaks: false },
]

async function measure({ perSecond, speaks }: Manner, { subject: { tongue }, scale, start }: Stage): Promise<Figures> {
  const server = await start()
  const url = `ws://127.0.0.1:${server.port}/api/ws`
  const says = speaks ? perSecond : 0
  const child = fork(PROGRAM, [url, tokenFor('client'), ROOM, String(secondsOf(scale)), String(says)], {
    execArgv: ['--expose-gc'],
  })
  await once(child, 'message')
  const posters = await Promise.all(
    Array.from({ length: POSTERS }, (_, index) => enter(server, tongue, `poster-${index}`)),
  )
  for (const poster of posters) poster.listener = { heard: () => undefined }
  const stop = speaks ? undefined : atRate(perSecond, (n) => posters[n % POSTERS]?.send(post(ROOM, 'post', TEXT)))
  const [cpu, begun] = [server.cpuMicros(), performance.now()]
  const [figures] = await once(child, 'message')
  stop?.()
  return { ...figures, serverPct: (server.cpuMicros() - cpu) / (performance.now() - begun) / 10 }
}

export const work: Work = {
  name: 'client',
  title: 'The client library',
  about:
    'One client in Node whose room changes so often, and somebody subscribed to it. What it uses of a core, for each message that it shows, and how much more memory it holds after some seconds than before.',
  columns: [
    { figure: 'cpuMicros', title: 'CPU µs each', digits: 1 },
    { figure: 'clientPct', title: 'core %', digits: 1 },
    { figure: 'perSecond', title: 'shown/s', digits: 0 },
    { figure: 'rssMb', title: 'more RSS MB', digits: 0 },
    { figure: 'heapMb', title: 'more heap MB', digits: 0 },
    { ...share, title: 'server core %' },
  ],
  cases: ({ name }) =>
    manners
      .filter(({ speaks }) => !speaks || name !== 'quick')
      .map((manner) => ({
        title: manner.title,
        subjects: [parley],
        measure: (stage) => measure(manner, stage),
      })),
}
