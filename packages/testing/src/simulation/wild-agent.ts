// An agent of every temper: brief, long-winded, failing, endless, deaf. The same turn always meets the same temper.
import { AgentFailure, type Thought, type Turn } from '@parley/server'
import { type Seeded, seeded } from '../chance.ts'
import type { Beat, Script } from '../script.ts'

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

/** What the agent says in this turn of the world with this seed. */
export function wildScript(seed: number | string, turn: Turn): Script {
  const chance = seeded(`${seed}/${turn.room}/${turn.message.key}`)
  return chance.pick(tempers)(chance)
}

const tempers: readonly Temper[] = [
  brief,
  streaming,
  streaming,
  streaming,
  toolUsing,
  toolUsing,
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

function toolUsing(chance: Seeded): Script {
  const calls = Array.from({ length: chance.int(1, 3) }, () => tool(chance, `call-${chance.int(0, 999_999)}`))
  return { beats: paced(chance, [...pieces(chance, 3), ...calls.flat(), ...pieces(chance, 3)]) }
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
  return chance.odds(0.5) ? text : { type: 'text', text }
}

/** A call and, mostly, its end; the engine ends what the agent forgot. */
function tool(chance: Seeded, call: string): Beat[] {
  const called: Beat = { say: { type: 'tool.called', call, name: 'search', input: { query: call } } }
  const ended: Beat = { say: { type: 'tool.ended', call, outcome: chance.odds(0.8) ? 'ok' : 'failed', output: [1, 2] } }
  return chance.odds(0.9) ? [called, ...pieces(chance, 1), ended] : [called]
}

function paced(chance: Seeded, beats: readonly Beat[]): Beat[] {
  const longest = chance.pick([0, 5, 30, 300])
  return beats.flatMap((beat) => (chance.odds(0.6) ? [{ pauseMs: chance.float() * longest }, beat] : [beat]))
}
