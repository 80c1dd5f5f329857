// A turn as an agent gets it, and what the agent makes of it.
import { type Attachment, type Author, attachedPart, type Message, Refusal, roomId } from '@parley/protocol'
import type { Agent, RoomFiles, Thought, ToolResult, Turn } from '../../src/seams/agent.ts'
import type { Tool } from '../../src/seams/tool.ts'

export const alice: Author = { id: 'alice', kind: 'user', name: 'Alice' }
export const bob: Author = { id: 'bob', kind: 'user', name: 'Bob' }

/** A room without files. */
export const noFiles: RoomFiles = {
  read: () => {
    throw new Error('there are no files here')
  },
  preview: async () => undefined,
  keep: () => Promise.reject(new Refusal('attachment.type', 'files are not kept here')),
}

/** A room in which these files lie, by id; what is kept there comes to `kept`. */
export function roomWith(files: Readonly<Record<string, Uint8Array>>, kept: [string, Uint8Array][] = []): RoomFiles {
  return {
    async *read(id) {
      const bytes = files[id]
      if (bytes === undefined) throw new Refusal('attachment.unknown', `there is no file ${id}`)
      for (let at = 0; at < bytes.length; at += 1_000) yield bytes.subarray(at, at + 1_000)
    },
    preview: async (id) => (files[id] === undefined ? undefined : new TextEncoder().encode(`small ${id}`)),
    async keep(name, bytes) {
      const pieces = await Array.fromAsync(bytes)
      kept.push([name, Buffer.concat(pieces)])
      return { type: 'image', attachment: attachment(`kept-${kept.length}`, 'image/png', 1, name) }
    },
  }
}

export function attachment(id: string, mediaType: string, size: number, name = id): Attachment {
  return { id, name, mediaType, size, sha256: '0'.repeat(64) }
}

/** A message that shows files. */
export function showing(by: Author, text: string, ...files: readonly Attachment[]): Message {
  const message = said(by, text)
  return { ...message, parts: [...message.parts, ...files.map(attachedPart)] }
}

let seq = 0

export function said(by: Author, text: string, state: Message['state'] = 'completed'): Message {
  seq += 1
  const id = `m${seq}`
  return { key: `${by.id}/${id}`, id, by, at: 0, seq, parts: text === '' ? [] : [{ type: 'text', text }], state }
}

export interface Asking extends Partial<Turn> {
  readonly by?: Author
  /** What `use` finds by name. */
  readonly tools?: readonly Tool[]
}

export function turn(text: string, { by = alice, tools = [], ...more }: Asking = {}): Turn {
  const room = roomId('lobby')
  if (room === undefined) throw new Error('lobby is a room id')
  return {
    room,
    run: 'run-1',
    message: said(by, text),
    history: [],
    files: noFiles,
    signal: never(),
    calls: new Map(),
    use: (tool, input, { call = 'call-1' } = {}) => used(tools, tool, input, call),
    approval: async () => undefined,
    steering: () => [],
    steered: never(),
    ...more,
  }
}

/** Just runs the tool: what an engine adds to that is not an agent's matter. */
async function used(tools: readonly Tool[], named: Tool | string, given: unknown, call: string): Promise<ToolResult> {
  const tool = typeof named === 'string' ? tools.find(({ name }) => name === named) : named
  if (tool === undefined) return { call, outcome: 'failed', text: `there is no tool ${String(named)}` }
  const room = roomId('lobby')
  if (room === undefined) throw new Error('lobby is a room id')
  try {
    const doing = await tool.execute(given, {
      room,
      files: noFiles,
      run: 'run-1',
      call,
      user: alice,
      attempt: 1,
      signal: never(),
    })
    const output = isIterator(doing) ? await lastOf(doing) : doing
    const text = typeof output === 'string' ? output : JSON.stringify(output)
    return { call, outcome: 'ok', output: JSON.parse(JSON.stringify(output)), text }
  } catch (cause) {
    return { call, outcome: 'failed', text: cause instanceof Error ? cause.message : String(cause) }
  }
}

function isIterator(value: unknown): value is AsyncIterator<unknown, unknown> {
  return typeof value === 'object' && value !== null && 'next' in value
}

async function lastOf(doing: AsyncIterator<unknown, unknown>): Promise<unknown> {
  for (;;) {
    const next = await doing.next()
    if (next.done === true) return next.value
  }
}

function never(): AbortSignal {
  return new AbortController().signal
}

export async function thoughts(agent: Agent, asked: Turn): Promise<Thought[]> {
  return Array.fromAsync(agent.reply(asked))
}

/** The words of an answer, without reasoning and tools. */
export function text(answer: readonly Thought[]): string {
  return answer
    .map((thought) => (typeof thought === 'string' ? thought : thought.type === 'text' ? thought.text : ''))
    .join('')
}
