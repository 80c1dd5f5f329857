// What the tests of the command stand on: a terminal made of memory, a server, and rooms that are told page by page.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import {
  type Attachment,
  type Author,
  applyPage,
  attachedPart,
  type Event,
  emptyTimeline,
  type Fact,
  type RoomId,
  roomId,
  type Task,
  type Timeline,
} from '@parley/protocol'
import { createServer, type ParleyServer, type ServerOptions } from '@parley/server'
import { onTestFinished } from 'vitest'
import { Ending } from '../src/ending.ts'
import { run } from '../src/program.ts'
import type { Terminal } from '../src/terminal.ts'

export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function room(name: string): RoomId {
  const id = roomId(name)
  if (id === undefined) throw new Error(`not a room: ${name}`)
  return id
}

/** A server of this test alone. */
export async function serverFor(options: ServerOptions = {}): Promise<ParleyServer> {
  const server = await createServer({
    port: 0,
    log: 'memory:',
    agent: 'echo',
    web: false,
    logLevel: 'silent',
    ...options,
  })
  onTestFinished(() => server.close(0))
  return server
}

export interface Typed {
  readonly env?: Readonly<Record<string, string>>
  /** Everything on stdin; left open where it is absent. */
  readonly stdin?: string
  /** Stdout and stderr are a screen. Default: false. */
  readonly tty?: boolean
}

export interface Command {
  /** Resolves with the exit code. */
  readonly done: Promise<number>
  readonly stdin: PassThrough
  out(): string
  err(): string
  /** Resolves when stdout contains the text. */
  says(text: string): Promise<void>
  /** Resolves when stderr contains the text. */
  complains(text: string): Promise<void>
  /** As Ctrl-C does. */
  interrupt(): void
}

/** Runs the command in this process. */
export function parley(args: readonly string[], { env = {}, stdin: given, tty = false }: Typed = {}): Command {
  const stdin = new PassThrough()
  if (given !== undefined) stdin.end(given)
  const stdout = collected()
  const stderr = collected()
  const stopping = new AbortController()
  const terminal: Terminal = {
    env: { XDG_CONFIG_HOME: tempFolder(), ...env },
    stdin,
    stdout: Object.assign(stdout.stream, { isTTY: tty }),
    stderr: Object.assign(stderr.stream, { isTTY: tty }),
    stopped: stopping.signal,
  }
  const interrupt = () => stopping.abort(new Ending('interrupted'))
  onTestFinished(interrupt)
  const { text: out, says } = stdout
  const { text: err, says: complains } = stderr
  return { done: run(args, terminal), stdin, out, err, says, complains, interrupt }
}

function collected() {
  const stream = new PassThrough()
  let text = ''
  const waiting = new Set<() => void>()
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString()
    for (const look of waiting) look()
  })
  return {
    stream,
    text: () => text,
    says(wanted: string) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const look = () => {
        if (!text.includes(wanted)) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
      return promise
    },
  }
}

/** What is known of a file called so. */
export function file(name: string, more: Partial<Attachment> = {}): Attachment {
  return { id: `id-of-${name}`, name, mediaType: 'text/plain', size: 5, sha256: '0'.repeat(64), ...more }
}

export const ada: Author = { id: 'ada', kind: 'user', name: 'Ada' }
export const guide: Author = { id: 'guide', kind: 'agent', name: 'Guide' }

/** A room whose log is written here: each fact is an event, each call a page. */
export class TestRoom {
  timeline: Timeline
  readonly epoch: string
  #seq = 0

  constructor(name = 'lobby', epoch = 'one') {
    this.timeline = emptyTimeline(room(name))
    this.epoch = epoch
  }

  /** The picture after one more page. */
  tell(...facts: readonly (readonly [by: Author, fact: Fact, id?: string])[]): Timeline {
    const after = this.#seq
    const events = facts.map(([by, fact, id = `e${this.#seq + 1}`]): Event => {
      this.#seq += 1
      return { seq: this.#seq, at: 0, by, id, fact }
    })
    const page = { room: this.timeline.room, epoch: this.epoch, after, upTo: this.#seq, events }
    this.timeline = applyPage(this.timeline, page)
    return this.timeline
  }

  /** @param supersedes key of the earlier message that it says better. */
  says(by: Author, text: string, supersedes?: string): Timeline {
    const more = supersedes === undefined ? {} : { supersedes }
    return this.tell([by, { type: 'message.posted', parts: [{ type: 'text', text }], ...more }])
  }

  gives(by: Author, ...files: readonly Attachment[]): Timeline {
    return this.tell([by, { type: 'message.posted', parts: files.map(attachedPart) }])
  }

  /** `message` is the key of the one that is edited. */
  edits(by: Author, message: string, text: string): Timeline {
    return this.tell([by, { type: 'message.edited', message, parts: [{ type: 'text', text }] }])
  }

  redacts(by: Author, message: string): Timeline {
    return this.tell([by, { type: 'message.redacted', message }])
  }

  reacts(by: Author, message: string, reaction: string, on = true): Timeline {
    return this.tell([by, { type: 'message.reacted', message, reaction, on }])
  }

  /** A task called as its id, as it is from now on. */
  sets(id: string, how: Partial<Task> = {}): Timeline {
    const task = { id, title: id, status: 'open', progress: 0, priority: 2, ...how } as const
    return this.tell([ada, { type: 'task.set', task, change: 'updated' }])
  }

  begins(message: string): Timeline {
    return this.tell([guide, { type: 'message.opened', message }])
  }

  grows(message: string, from: number, text: string): Timeline {
    return this.tell([guide, { type: 'message.grew', message, part: 0, kind: 'text', from, text }])
  }

  /** The guide uses the tool `erase` as the first part of a message of run `r`. */
  calls(call: string, message: string): Timeline {
    const input = { all: true }
    return this.tell([
      guide,
      { type: 'tool.called', run: 'r', message, part: 0, call, name: 'erase', title: 'Erase the index', input },
    ])
  }

  asks(call: string): Timeline {
    return this.tell([guide, { type: 'approval.asked', run: 'r', call, until: 9 }])
  }

  decides(call: string, approved: boolean, reason: string): Timeline {
    return this.tell([guide, { type: 'approval.given', run: 'r', call, approved, reason, user: ada }])
  }

  ends(message: string, text: string): Timeline {
    return this.tell([
      guide,
      { type: 'message.closed', message, parts: [{ type: 'text', text }], outcome: 'completed' },
    ])
  }
}
