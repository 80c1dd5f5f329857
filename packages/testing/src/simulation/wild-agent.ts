// An agent of every temper: brief, long-winded, busy, failing, endless, deaf. The same turn always meets the same temper.
import { AgentFailure, type Thought, type Turn } from '@parley/server'
import { type Seeded, seeded } from '../chance.ts'
import type { Beat, Script, Use } from '../script.ts'
import { DANGEROUS, HARMLESS } from './wild-tools.ts'

type Temper = (chance: Seeded) => Script

/** Pieces that are easily broken: empty, halves of a character, line separators, long ones. */
const PIECES = [
  '',
  ' ',
  'a',
  'word ',
  'two words ',
  '\n',
  'é',
  '💬',
  '\ud83d',
  '\udcac',
  '\u2028',
  '<b>',
  'x'.repeat(700),
]

/** What the agent says in this turn of the world with this seed; taken up elsewhere, it goes on from what it had said. */
export function wildScript(seed: number | string, { room, message, partial }: Turn): Script {
  const chance = seeded(`${seed}/${room}/${message.key}/${partial === undefined ? '' : JSON.stringify(partial.parts)}`)
  return chance.pick(tempers)(chance)
}

const tempers: readonly Temper[] = [
  brief,
  streaming,
  streaming,
  streaming,
  telling,
  using,
  using,
  asking,
  asking,
  heeding,
  heeding,
  failing,
  endless,
  hanging,
  silent,
]

function brief(chance: Seeded): Script {
  return { beats: pieces(chance, chance.int(1, 3)) }
}

function streaming(chance: Seeded): Script {
  return { beats: paced(chance, pieces(chance, chance.int(3, 30))) }
}

/** Tells of tools that it runs by itself. */
function telling(chance: Seeded): Script {
  const calls = Array.from({ length: chance.int(1, 3) }, (_, index) => told(chance, `call-${index}`))
  return { beats: paced(chance, [...pieces(chance, 3), ...calls.flat(), ...pieces(chance, 3)]) }
}

/** Uses tools, one after the other or side by side. */
function using(chance: Seeded): Script {
  return { beats: paced(chance, uses(chance, chance.int(1, 3), HARMLESS)) }
}

function asking(chance: Seeded): Script {
  return {
    beats: paced(chance, uses(chance, chance.int(1, 2), chance.odds(0.5) ? DANGEROUS : [...DANGEROUS, 'quick'])),
  }
}

/** Looks every now and then at what people want of it. */
function heeding(chance: Seeded): Script {
  const heed: Beat[] = [{ heed: true }]
  const rounds = Array.from({ length: chance.int(1, 6) }, () => [
    { pauseMs: chance.float() * 500 },
    ...(chance.odds(0.2) ? uses(chance, 1, HARMLESS) : pieces(chance, 2)),
    ...heed,
  ])
  return { beats: rounds.flat() }
}

function failing(chance: Seeded): Script {
  const cause = chance.odds(0.5) ? new AgentFailure('model.busy', 'The model is busy.') : new Error('the agent broke')
  return { beats: [...paced(chance, pieces(chance, chance.int(0, 8))), { fail: cause }] }
}

function endless(chance: Seeded): Script {
  const beats = pieces(chance, 2)
  return { beats: [...beats, { forever: true, everyMs: chance.int(100, 4_000), say: 'on ' }], deaf: chance.odds(0.3) }
}

function hanging(chance: Seeded): Script {
  return { beats: [...pieces(chance, 2), { pauseMs: 3_600_000 }, { say: 'too late' }], deaf: chance.odds(0.5) }
}

function silent(): Script {
  return { beats: [] }
}

function pieces(chance: Seeded, count: number): Beat[] {
  return Array.from({ length: count }, () => ({ say: piece(chance) }))
}

function piece(chance: Seeded): Thought {
  const text = chance.odds(0.5) ? `${chance.int(0, 99)} ` : chance.pick(PIECES)
  if (chance.odds(0.2)) return { type: 'reasoning', text }
  if (chance.odds(0.1)) return data(chance)
  if (chance.odds(0.05)) return { type: 'usage', inputTokens: chance.int(0, 9), outputTokens: chance.int(0, 9) }
  return chance.odds(0.5) ? text : { type: 'text', text }
}

/** Sometimes it takes the place of an earlier one. */
function data(chance: Seeded): Thought {
  const said = { type: 'data', name: 'chart', data: chance.int(0, 99) } as const
  return chance.odds(0.5) ? { ...said, id: chance.pick(['a', 'b']) } : said
}

function uses(chance: Seeded, count: number, tools: readonly string[]): Beat[] {
  return Array.from({ length: count }, (_, index) => {
    const side = Array.from({ length: chance.pick([1, 1, 2, 3]) }, () => useOf(chance, tools))
    const own = `use-${index}`
    const [first, ...rest] = side
    // It may have told of the call before it is made.
    if (first === undefined || chance.odds(0.7)) return [...pieces(chance, 1), { use: side }]
    return [...writing(chance, own, first.tool), { use: [{ ...first, call: own }, ...rest] }]
  }).flat()
}

function useOf(chance: Seeded, tools: readonly string[]): Use {
  return { tool: chance.pick(tools), input: chance.int(0, 99) }
}

/** A call whose input is being written. */
function writing(chance: Seeded, call: string, name: string): Beat[] {
  const typed = Array.from({ length: chance.int(0, 3) }, (): Beat => {
    return { say: { type: 'tool.input', call, text: `${chance.int(0, 999)}` } }
  })
  return [{ say: { type: 'tool.called', call, name } }, ...typed]
}

/** A call and, mostly, its end; the engine ends what the agent forgot. */
function told(chance: Seeded, call: string): Beat[] {
  const input = { query: call }
  const called: Beat[] = chance.odds(0.5)
    ? [{ say: { type: 'tool.called', call, name: 'search', input } }]
    : [...writing(chance, call, 'search'), { say: { type: 'tool.ready', call, input } }]
  if (chance.odds(0.2)) return [...called, { ask: call, forMs: chance.pick([500, 60_000]) }]
  const told: Beat[] = Array.from({ length: chance.int(0, 4) }, () => ({ say: news(chance, call) }))
  const ended: Beat = { say: { type: 'tool.ended', call, outcome: chance.odds(0.8) ? 'ok' : 'failed', output: [1, 2] } }
  return [...called, ...told, ...pieces(chance, 1), ...(chance.odds(0.9) ? [ended] : [])]
}

function news(chance: Seeded, call: string): Thought {
  if (chance.odds(0.5)) return { type: 'tool.progress', call, fraction: chance.float() }
  return { type: 'tool.output', call, text: `${chance.int(0, 999)}\n` }
}

function paced(chance: Seeded, beats: readonly Beat[]): Beat[] {
  const longest = chance.pick([0, 5, 30, 300])
  return beats.flatMap((beat) => (chance.odds(0.6) ? [{ pauseMs: chance.float() * longest }, beat] : [beat]))
}
