// Tools of every temper: quick, talkative, failing, deaf, slow, dangerous. The same call always meets the same temper.
import { AgentFailure, type Clock, defineTool, type Tool, type ToolContext, type ToolNews } from '@parley/server'
import { type Seeded, seeded } from '../chance.ts'
import { pause } from '../script.ts'

export interface ToolWorld {
  readonly clock: Clock
  readonly seed: number | string
  /** Called whenever a tool is really used. */
  readonly used: (tool: Tool, input: unknown, context: ToolContext) => void
}

/** What a tool does, with chance that is its own in each attempt of each call. */
interface Deed {
  readonly chance: Seeded
  readonly input: unknown
  readonly context: ToolContext
  readonly wait: (ms: number) => Promise<void>
}

type Temper = (deed: Deed) => ReturnType<Tool['execute']>

export function wildTools(world: ToolWorld): readonly Tool[] {
  const tool = (name: string, temper: Temper, more: Partial<Tool> = {}): Tool => wild(world, name, temper, more)
  const plain = tool('plain', printing)
  const long = { approval: true, approvalMs: 300_000 }
  const guarded = tool('guarded', printing, { approval: true, approvalMs: 3_000 })
  return [
    plain,
    guarded,
    tool('quick', quick),
    tool('stepping', stepping, { title: 'One step after the other' }),
    tool('flaky', failing, { retries: 2, fallback: plain }),
    tool('risky', failing, { timeoutMs: 500, fallback: guarded }),
    tool('deaf', () => new Promise(() => undefined), { timeoutMs: 800 }),
    tool('slow', slow, { timeoutMs: 2_000, retries: 1 }),
    tool('vault', stepping, long),
    tool('bomb', failing, { ...long, retries: 1 }),
    tool('moody', quick, { ...long, approval: async (input) => isDangerous(input) }),
  ]
}

/** Names of tools that an agent may use, and of one that is not there. */
export const HARMLESS = ['quick', 'plain', 'stepping', 'flaky', 'deaf', 'slow', 'missing']
export const DANGEROUS = ['guarded', 'risky', 'vault', 'vault', 'bomb', 'moody']

/** Whether a use of it may only begin once somebody has allowed it. */
export function needsApproval({ approval }: Tool, input: unknown): boolean {
  return typeof approval === 'function' ? isDangerous(input) : approval === true
}

function isDangerous(input: unknown): boolean {
  return typeof input === 'number' && input % 3 !== 0
}

function wild({ clock, seed, used }: ToolWorld, name: string, temper: Temper, more: Partial<Tool>): Tool {
  const tool = defineTool({
    name,
    description: name,
    input: { jsonSchema: {} },
    ...more,
    execute: (input, context) => {
      used(tool, input, context)
      const { call, attempt, signal } = context
      const chance = seeded(`${seed}/${call}/${attempt}`)
      return temper({ chance, input, context, wait: (ms) => pause(clock, ms, signal) })
    },
  })
  return tool
}

function quick({ input }: Deed): unknown {
  return { input }
}

async function* printing({ chance, wait }: Deed): AsyncGenerator<ToolNews, unknown> {
  for (let count = chance.int(0, 6); count > 0; count -= 1) {
    yield chance.pick(['line\n', '', '💬', 'x'.repeat(400)])
    if (chance.odds(0.5)) await wait(chance.float() * 200)
  }
  return chance.odds(0.5) ? [1, 2] : undefined
}

async function* stepping({ chance, wait, context: { signal } }: Deed): AsyncGenerator<ToolNews, unknown> {
  const steps = chance.int(1, 5)
  for (let step = 1; step <= steps; step += 1) {
    yield { type: 'progress', step, steps, fraction: step / steps, text: `step ${step}` }
    await wait(chance.float() * 400)
  }
  return signal.aborted
}

async function* failing({ chance, wait, context: { attempt } }: Deed): AsyncGenerator<ToolNews, unknown> {
  yield `attempt ${attempt}\n`
  await wait(chance.float() * 100)
  if (chance.odds(0.3)) return 'done'
  throw chance.odds(0.5) ? new AgentFailure('door.closed', 'The door is closed.') : new Error('the tool broke')
}

async function slow({ chance, wait }: Deed): Promise<unknown> {
  await wait(chance.pick([500, 1_500, 5_000]))
  return 'at last'
}
