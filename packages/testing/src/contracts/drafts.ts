// People, rooms and facts for the contract suites.
import { type Author, type Json, type Outcome, type Part, type RoomId, roomId } from '@parley/protocol'
import type { Arrival, Draft } from '@parley/server'

export const ann: Author = { id: 'ann', kind: 'user', name: 'Ann' }
export const bob: Author = { id: 'bob', kind: 'user', name: 'Bob' }
export const guide: Author = { id: 'guide', kind: 'agent', name: 'Guide' }

export function room(name: string): RoomId {
  const id = roomId(name)
  if (id === undefined) throw new Error(`${name} is no room id`)
  return id
}

export const lobby = room('lobby')

function text(words: string): readonly Part[] {
  return [{ type: 'text', text: words }]
}

export function said(by: Author, id: string, words = id): Draft {
  return { by, id, fact: { type: 'message.posted', parts: text(words) } }
}

export function tagged(by: Author, id: string, meta: { readonly [key: string]: Json }): Draft {
  return { by, id, fact: { type: 'message.posted', parts: text(id), meta } }
}

export function runStarted(run: string): Draft {
  return { by: guide, id: run, fact: { type: 'run.started', run, cause: 'ann/1', node: 'node' } }
}

export function runEnded(run: string, outcome: Outcome = 'completed'): Draft {
  return { by: guide, id: `${run}.ended`, fact: { type: 'run.ended', run, outcome } }
}

export function opened(message: string, run?: string): Draft {
  const fact = { type: 'message.opened', message } as const
  return { by: guide, id: message, fact: run === undefined ? fact : { ...fact, run } }
}

export function grew(message: string, words: string, from = 0): Draft {
  return { by: guide, fact: { type: 'message.grew', message, part: 0, kind: 'text', from, text: words } }
}

export function closed(message: string, words: string, outcome: Outcome = 'completed'): Draft {
  return {
    by: guide,
    id: `${message}.closed`,
    fact: { type: 'message.closed', message, parts: text(words), outcome },
  }
}

export function resumed(run: string, since: number): Draft {
  return { by: guide, id: `${run}.resumed.${since}`, fact: { type: 'run.resumed', run, node: 'other', since } }
}

export function called(run: string, call: string): Draft {
  return {
    by: guide,
    id: call,
    fact: { type: 'tool.called', run, message: `${run}.m`, part: 0, call, name: 'look', input: null },
  }
}

export function printed(run: string, call: string, text: string, from = 0): Draft {
  return { by: guide, fact: { type: 'tool.grew', run, call, kind: 'output', from, text } }
}

export function toolEnded(run: string, call: string): Draft {
  return { by: guide, id: `${call}.ended`, fact: { type: 'tool.ended', run, call, outcome: 'ok' } }
}

/** As whoever took the run at `since` would append it. */
export function held(draft: Draft, run: string, since: number): Draft {
  return { ...draft, holding: { span: `run/${run}`, since } }
}

export function following(draft: Draft): Draft {
  return { ...draft, follows: true }
}

/** `by` says how the task `task` stands. */
export function taskSet(by: Author, id: string, task: string, status = 'open'): Draft {
  const whole = { id: task, title: task, status, progress: 0, priority: 2 } as const
  return { by, id, fact: { type: 'task.set', task: whole, change: 'updated' } }
}

/** As made from the one at this seq; 0: from none. */
export function from(draft: Draft, after: number): Draft {
  return { ...draft, after }
}

export function editing(by: Author, id: string, message: string, words: string): Draft {
  return { by, id, fact: { type: 'message.edited', message, parts: text(words) } }
}

export function redacting(by: Author, id: string, message: string): Draft {
  return { by, id, fact: { type: 'message.redacted', message } }
}

/** A file that Ann keeps in the lobby, under an id that is its content's as well. */
export function file(id: string, more: Partial<Arrival> = {}): Arrival {
  const attachment = { id, name: `${id}.txt`, mediaType: 'text/plain', size: 10, sha256: `content of ${id}` }
  return { attachment, room: lobby, owner: ann.id, upload: id, ...more }
}

/** `by` posts these files. */
export function showing(by: Author, id: string, ...files: readonly Arrival[]): Draft {
  const parts = files.map(({ attachment }) => ({ type: 'file', attachment }) as const)
  return { by, id, fact: { type: 'message.posted', parts } }
}
