// What a load costs the server and how late its deliveries are, over a window of time.
import { setTimeout as pause } from 'node:timers/promises'
import type { Tally } from './generator/tally.ts'
import type { Server } from './server.ts'
import type { Column, Figures, Scale } from './work.ts'

export const cost: Column = { figure: 'cpuMicros', title: 'CPU µs each', digits: 2 }
export const rate: Column = { figure: 'perSecond', title: 'per s', digits: 0 }
export const p50: Column = { figure: 'p50Ms', title: 'p50 ms', digits: 2 }
export const p99: Column = { figure: 'p99Ms', title: 'p99 ms', digits: 2 }
export const share: Column = { figure: 'serverPct', title: 'core %', digits: 0 }
/** Near 100 it is the generator that limits the rate. */
const generatorShare: Column = { figure: 'generatorPct', title: 'generator %', digits: 0 }

export const loadColumns: readonly Column[] = [cost, rate, p50, p99, share, generatorShare]

/** Looks at what is going on for `ms`. */
export async function observe(server: Server, tally: Tally, ms: number): Promise<Figures> {
  tally.clear()
  const [cpu, own, begun] = [server.cpuMicros(), process.cpuUsage(), performance.now()]
  await pause(ms)
  const micros = (performance.now() - begun) * 1e3
  const used = server.cpuMicros() - cpu
  const { user, system } = process.cpuUsage(own)
  const { count } = tally
  if (count === 0) throw new Error('nothing was delivered')
  return {
    cpuMicros: used / count,
    perSecond: (count * 1e6) / micros,
    p50Ms: tally.quantile(0.5),
    p99Ms: tally.quantile(0.99),
    serverPct: (used * 100) / micros,
    generatorPct: ((user + system) * 100) / micros,
  }
}

/** Lets a load run warm, looks at it, and ends it. */
export async function observeLoad(
  server: Server,
  tally: Tally,
  { warmMs, windowMs }: Pick<Scale, 'warmMs' | 'windowMs'>,
  stop: () => Promise<void>,
): Promise<Figures> {
  await pause(warmMs)
  const figures = await observe(server, tally, windowMs)
  await stop()
  return figures
}
