// Readers who stop for a while and read on: what catching up costs, and that nothing is lost by it.
import { setTimeout as pause } from 'node:timers/promises'
import { crowd } from '../generator/crowd.ts'
import { atRate } from '../generator/loads.ts'
import { settled } from '../generator/settled.ts'
import { eachStamp, micros, stamped } from '../generator/stamp.ts'
import { Tally } from '../generator/tally.ts'
import type { Wire } from '../generator/wire.ts'
import { observe, p99, rate, share } from '../observe.ts'
import type { Server } from '../server.ts'
import { parley } from '../subjects/parley.ts'
import type { Figures, Scale, Stage, Work } from '../work.ts'

const MEMBERS = 40
const LAGGARDS = 10
const PER_SECOND = 500
const TEXT = 4_000
const CATCH_UP_WITHIN_MS = 60_000
/** Long enough that the kernel's buffers fill up. */
const awayMs = ({ name }: Scale): number => (name === 'quick' ? 1_500 : 6_000)

async function measure({ subject: { tongue }, scale, start }: Stage): Promise<Figures> {
  const server = await start()
  const wires = await crowd(server, tongue, MEMBERS, { room: () => 'room' })
  const tally = new Tally()
  for (const wire of wires) inOrder(wire, tally)
  const stop = atRate(PER_SECOND, (_, due) => wires[0]?.send(tongue.publish('room', stamped(due, TEXT))))
  await pause(scale.warmMs)
  const steady = await observe(server, tally, awayMs(scale))

  const laggards = wires.slice(-LAGGARDS)
  const [cpu, total] = [server.cpuMicros(), tally.total]
  for (const wire of laggards) wire.pause()
  await pause(awayMs(scale))
  const lagging = await laggingIn(server)
  for (const wire of laggards) wire.resume()
  const begun = micros()
  const sent = stop()
  await settled(tally, sent * MEMBERS, CATCH_UP_WITHIN_MS)
  return {
    cpuMicros: (server.cpuMicros() - cpu) / (tally.total - total),
    steadyMicros: steady.cpuMicros ?? Number.NaN,
    lagging,
    catchUpMs: (micros() - begun) / 1e3,
    perSecond: steady.perSecond ?? Number.NaN,
    p99Ms: steady.p99Ms ?? Number.NaN,
    serverPct: steady.serverPct ?? Number.NaN,
  }
}

/** Each message once and in its order, or it fails. */
function inOrder(wire: Wire, tally: Tally): void {
  let latest = 0
  wire.listener = {
    heard(bytes, from, to, now) {
      eachStamp(bytes, from, to, (at) => {
        if (at <= latest) throw new Error('a message came twice, or too late')
        latest = at
        tally.add(at, now)
      })
    },
  }
}

/** How many readers are not live, as the server itself sees it. */
async function laggingIn({ port }: Server): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  return Number(/^parley_lagging_readers (\d+)$/mu.exec(metrics)?.[1])
}

export const work: Work = {
  name: 'lagging',
  title: 'Readers who lag and come back',
  about: `A room of ${MEMBERS} hears ${PER_SECOND} messages of ${TEXT.toLocaleString('en')} characters a second. ${LAGGARDS} of them read nothing for some seconds, so that the server lets them go, and then read on. Everybody must have heard each message once, in order, in the end. CPU is for one message to one member, while nobody lags, and over the time of lagging and catching up.`,
  columns: [
    { figure: 'cpuMicros', title: 'CPU µs each', digits: 1 },
    { figure: 'steadyMicros', title: 'when nobody lags', digits: 1 },
    { figure: 'lagging', title: 'were let go', digits: 0 },
    { figure: 'catchUpMs', title: 'caught up after ms', digits: 0 },
    rate,
    p99,
    share,
  ],
  cases: (scale) => [{ title: `${LAGGARDS} away for ${awayMs(scale) / 1e3} s`, subjects: [parley], measure }],
}
