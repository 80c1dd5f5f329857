/**
 * `npm run fuzz -- --seeds 100000 [--from N]`: many seeded simulations on all cores.
 * `npm run fuzz -- --seed N [--trace]`: one of them again, with every step it takes.
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { simulate } from '@parley/testing'

/** Seeds that a worker takes at a time. */
const BATCH = 25
const REPORT_MS = 10_000

interface Batch {
  readonly from: number
  readonly count: number
}

interface Failure {
  readonly seed: number
  readonly faults: readonly string[]
}

interface Done {
  readonly schedules: number
  readonly failures: readonly Failure[]
}

if (isMainThread) await main()
else work()

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      seeds: { type: 'string', default: '2000' },
      from: { type: 'string', default: '1' },
      workers: { type: 'string', default: `${availableParallelism()}` },
      trace: { type: 'boolean', default: false },
      'first-failure': { type: 'boolean', default: false },
    },
  })
  if (values.seed !== undefined) return replay(whole(values.seed, 'seed'), values.trace)
  await many({
    from: whole(values.from, 'from'),
    seeds: whole(values.seeds, 'seeds'),
    workers: whole(values.workers, 'workers'),
    firstFailure: values['first-failure'],
  })
}

function whole(text: string, name: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`--${name} must be a whole number, not ${text}`)
  return number
}

async function replay(seed: number, trace: boolean): Promise<void> {
  const { faults } = await simulate(seed, trace ? { trace: (line) => console.log(line) } : {})
  report({ seed, faults })
  if (faults.length > 0) process.exitCode = 1
}

interface Campaign {
  readonly from: number
  readonly seeds: number
  readonly workers: number
  /** Ends with the first seed that fails. */
  readonly firstFailure: boolean
}

async function many({ from, seeds, workers, firstFailure }: Campaign): Promise<void> {
  const began = performance.now()
  let next = from
  let schedules = 0
  let failed = 0
  const take = (): Batch | undefined => {
    const count = Math.min(BATCH, from + seeds - next)
    if (count <= 0 || (firstFailure && failed > 0)) return undefined
    next += count
    return { from: next - count, count }
  }
  const progress = setInterval(() => console.error(`${schedules} of ${seeds} schedules, ${failed} failed`), REPORT_MS)
  const note = (done: Done): void => {
    schedules += done.schedules
    failed += done.failures.length
    for (const failure of done.failures) report(failure)
  }
  await Promise.all(Array.from({ length: workers }, () => employ(take, note)))
  clearInterval(progress)
  const seconds = (performance.now() - began) / 1000
  console.log(
    `${schedules} schedules, ${failed} failed, ${seconds.toFixed(1)} s, ${(schedules / seconds).toFixed(0)} a second`,
  )
  if (failed > 0) process.exitCode = 1
}

/** One worker thread, given batches until there are no more. */
function employ(take: () => Batch | undefined, note: (done: Done) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url))
    const give = (): void => {
      const batch = take()
      if (batch === undefined) worker.terminate().then(() => resolve(), reject)
      else worker.postMessage(batch)
    }
    worker.on('message', (done: Done) => {
      note(done)
      give()
    })
    worker.on('error', reject)
    give()
  })
}

function work(): void {
  parentPort?.on('message', async ({ from, count }: Batch) => {
    const failures: Failure[] = []
    for (let seed = from; seed < from + count; seed += 1) {
      const { faults } = await simulate(seed)
      if (faults.length > 0) failures.push({ seed, faults })
    }
    parentPort?.postMessage({ schedules: count, failures } satisfies Done)
  })
}

function report({ seed, faults }: Failure): void {
  if (faults.length === 0) return console.log(`seed ${seed}: no fault`)
  for (const fault of faults) console.log(`seed ${seed}: ${fault}`)
  console.log(`replay it: npm run fuzz -- --seed ${seed} --trace`)
}
