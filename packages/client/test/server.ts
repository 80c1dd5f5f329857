// A small server of the native protocol for tests: rooms are lists of facts, and a test may answer in its stead.
import { createHash } from 'node:crypto'
import {
  type Attachment,
  type Author,
  type Call,
  type Command,
  type Edit,
  type Event,
  type Fact,
  isAttached,
  isFields,
  messageKey,
  type Page,
  type Part,
  type Position,
  type Problem,
  parseCommand,
  type React,
  type Redact,
  readPiece,
  roomId,
  type SentPart,
  type Signal,
  type Task,
} from '@parley/protocol'
import type { Dial, SocketListener } from '../src/index.ts'
import type { Time } from './time.ts'

export const alice: Author = { id: 'alice', kind: 'user', name: 'Alice' }
export const bob: Author = { id: 'bob', kind: 'user', name: 'Bob' }

/** What a test lets the server do with a command instead of the usual: refuse it, say nothing, or nothing special. */
export type Verdict = Problem | 'silence' | undefined

interface Log {
  epoch: string
  events: Event[]
}

/** One connection, as the server sees it. */
export class Wire {
  readonly url: string
  readonly protocols: readonly string[]
  readonly heard: Command[] = []
  readonly listener: SocketListener
  readonly readers = new Map<string, number>()
  /** Ids of uploads by channel. */
  readonly channels: string[] = []
  closedWith: { readonly code: number; readonly reason: string } | undefined
  /** Nothing gets through, in neither direction, and nobody is told. */
  dead = false
  readonly #time: Time
  #over = false

  constructor(url: string, protocols: readonly string[], listener: SocketListener, time: Time) {
    this.url = url
    this.protocols = protocols
    this.listener = listener
    this.#time = time
  }

  open(): void {
    this.#soon(() => this.listener.opened())
  }

  say(frame: object | string): void {
    const text = typeof frame === 'string' ? frame : JSON.stringify(frame)
    this.#soon(() => this.listener.received(text))
  }

  /** The connection ends, from whichever side. */
  end(code = 1006, reason = ''): void {
    this.#soon(() => {
      this.#over = true
      this.listener.closed(code, reason)
    })
  }

  get over(): boolean {
    return this.#over
  }

  #soon(run: () => void): void {
    this.#time.after(1, () => {
      if (!this.#over && !this.dead) run()
    })
  }
}

export class Server {
  readonly wires: Wire[] = []
  readonly time: Time
  actor = alice
  heartbeatMs = 25_000
  maxFrameBytes = 262_144
  /** Whether new connections are accepted. */
  up = true
  /** Whether they are welcomed. */
  welcomes = true
  decide: (command: Command) => Verdict = () => undefined
  /** The mark of the latest command. */
  lastRef = ''
  /** Where every search finds what it looks for. */
  readonly hit = { room: 'lobby', seq: 1, message: 'bob/x', by: bob, at: 0 }
  /** How much is unread in every room. */
  unread = 0
  /** Who is in every room. */
  members: readonly Author[] = []
  /** Whom a post sets to work. */
  calls: readonly Call[] = []
  /** How many bytes of an upload are taken; what comes after is lost on the way. */
  takes = Number.POSITIVE_INFINITY
  /** How long links to files are good, ms. */
  linkMs = 300_000
  /** What has come of uploads that are not whole, by their ids. */
  readonly partials = new Map<string, { readonly name: string; bytes: Uint8Array }>()
  readonly attachments = new Map<string, Attachment>()
  #links = 0
  readonly #logs = new Map<string, Log>()

  constructor(time: Time) {
    this.time = time
  }

  readonly dial: Dial = (url, protocols, listener) => {
    const wire = new Wire(url, protocols, listener, this.time)
    this.wires.push(wire)
    if (this.up) {
      wire.open()
      if (this.welcomes) this.welcome(wire)
    } else wire.end()
    return {
      send: (message) => {
        if (wire.over || wire.dead) return
        if (typeof message === 'string') this.#received(wire, message)
        else this.#keep(wire, message)
      },
      close: (code, reason) => {
        wire.closedWith = { code, reason }
        wire.end(code, reason)
      },
    }
  }

  /** The latest connection. */
  get wire(): Wire {
    const wire = this.wires.at(-1)
    if (wire === undefined) throw new Error('nobody has dialled')
    return wire
  }

  welcome(wire = this.wire): void {
    const { actor, heartbeatMs, maxFrameBytes } = this
    wire.say({ type: 'welcome', actor, node: 'n1', now: this.time.now(), heartbeatMs, maxFrameBytes })
  }

  /** Commands of a kind that the latest connection heard. */
  heard<Type extends Command['type']>(type: Type): Extract<Command, { type: Type }>[] {
    return this.wire.heard.filter((command): command is Extract<Command, { type: Type }> => command.type === type)
  }

  log(room: string): Log {
    const log = this.#logs.get(room) ?? { epoch: 'e1', events: [] }
    this.#logs.set(room, log)
    return log
  }

  /** Texts that a room's log holds. */
  texts(room: string): string[] {
    return this.log(room).events.flatMap(({ fact }) =>
      fact.type === 'message.posted' ? fact.parts.map((part) => (part.type === 'text' ? part.text : '')) : [],
    )
  }

  /** Something becomes true, and whoever listens is told. */
  append(room: string, by: Author, fact: Fact, id?: string): Position {
    const { events, epoch } = this.log(room)
    const seq = events.length + 1
    events.push({ seq, at: this.time.now(), by, fact, ...(id === undefined ? {} : { id }) })
    for (const wire of this.wires) this.#tell(wire, room)
    return { epoch, seq }
  }

  post(room: string, by: Author, text: string, id = `${by.id}-${text}`): Position {
    return this.append(room, by, { type: 'message.posted', parts: [{ type: 'text', text }] }, id)
  }

  /** Something is true for the moment, and whoever listens is told. */
  signal(room: string, ...signals: Signal[]): void {
    for (const wire of this.wires) if (wire.readers.has(room)) wire.say({ type: 'signals', room, signals })
  }

  /** The log is replaced by another. */
  replace(room: string, epoch: string): void {
    this.#logs.set(room, { epoch, events: [] })
  }

  page(room: string, after: number, more: Partial<Page> = {}): Page {
    const { epoch, events } = this.log(room)
    const name = roomId(room)
    if (name === undefined) throw new Error(`not a room: ${room}`)
    return { room: name, epoch, after, upTo: events.length, events: events.slice(after), ...more }
  }

  #received(wire: Wire, text: string): void {
    const json: unknown = JSON.parse(text)
    const parsed = parseCommand(json)
    if ('problem' in parsed) throw new Error(`the client sent nonsense: ${text}`)
    const { command, ref } = parsed
    if (!isFields(json)) return
    wire.heard.push(command)
    this.lastRef = ref
    const verdict = this.decide(command)
    if (verdict === 'silence') return
    if (verdict !== undefined) wire.say({ type: 'reply', ref, problem: verdict })
    else this.#answer(wire, ref, command)
  }

  #answer(wire: Wire, ref: string, command: Command): void {
    const reply = (answer: object): void => wire.say({ type: 'reply', ref, answer: { type: command.type, ...answer } })
    switch (command.type) {
      case 'join': {
        const { epoch, events } = this.log(command.room)
        reply({ room: command.room, position: { epoch, seq: events.length }, members: this.members })
        return this.#enter(wire, command.room, command.at, command.history ?? 200)
      }
      case 'leave':
        wire.readers.delete(command.room)
        return reply({ room: command.room })
      case 'post': {
        const { room, id, parts, supersedes, replyTo, mentions } = command
        const more = {
          ...(supersedes === undefined ? {} : { supersedes: messageKey(this.actor.id, supersedes) }),
          ...(replyTo === undefined ? {} : { replyTo }),
          ...(mentions === undefined ? {} : { mentions }),
        }
        const { events, epoch } = this.log(room)
        const before = events.find((event) => event.id === id && event.by.id === this.actor.id)
        const position =
          before === undefined
            ? this.append(room, this.actor, { type: 'message.posted', parts: this.#known(parts), ...more }, id)
            : { epoch, seq: before.seq }
        const calls = before === undefined && this.calls.length > 0 ? { calls: this.calls } : {}
        return reply({ room, id, position, at: this.time.now(), repeated: before !== undefined, ...calls })
      }
      case 'older': {
        const after = Math.max(0, command.before - 1 - command.limit)
        const events = this.log(command.room).events.slice(after, command.before - 1)
        return reply({ page: this.page(command.room, after, { upTo: command.before - 1, events, earlier: after > 0 }) })
      }
      case 'ping':
        return reply({ now: this.time.now() })
      case 'authenticate':
        return reply({ actor: this.actor })
      case 'rooms':
        return reply({
          rooms: [...this.#logs].map(([room, { epoch, events }]) => summary(room, epoch, events.length, this.unread)),
        })
      case 'cancel':
      case 'approve':
        return reply({ ...command, position: { epoch: 'e1', seq: 1 } })
      case 'edit':
      case 'redact':
      case 'react': {
        const { room, id } = command
        return reply({ room, id, position: this.append(room, this.actor, factOf(command), id) })
      }
      case 'task': {
        const { room = '', task: id, title = '', status = 'open', progress = 0, priority = 2, assignee } = command
        const task: Task = { id, title, status, progress, priority, ...(assignee == null ? {} : { assignee }) }
        const position = this.append(room, this.actor, { type: 'task.set', task, change: 'updated' }, command.id)
        return reply({ room, task, position })
      }
      case 'tasks':
        return reply({ room: command.room, tasks: [] })
      case 'typing':
      case 'presence':
        return reply({ room: command.room })
      case 'read':
        return reply({ room: command.room, seq: command.seq })
      case 'members':
        return reply({
          room: command.room,
          members: this.members.map((user) => ({ user })),
          count: this.members.length,
        })
      case 'search':
        return reply({ hits: [{ ...this.hit, excerpt: command.text }] })
      case 'regenerate':
        return reply({ room: command.room, run: `run-${command.id}`, position: { epoch: 'e1', seq: 1 } })
      case 'upload': {
        const { room, id, name } = command
        const partial = this.partials.get(id) ?? { name, bytes: new Uint8Array() }
        this.partials.set(id, partial)
        const channel = wire.channels.push(id) - 1
        return reply({ room, id, channel, confirmed: partial.bytes.length, window: 1_500, pieceBytes: 1_000 })
      }
      case 'attach': {
        const { room, id, size, sha256 } = command
        return reply({ room, id, attachment: this.#attach(id, size, sha256) })
      }
      case 'abandon':
        this.partials.delete(command.id)
        return reply({ room: command.room, id: command.id })
      case 'link': {
        this.#links += 1
        const url = `/api/attachments/${command.attachment}?link=${this.#links}`
        return reply({ attachment: command.attachment, url, expiresAt: this.time.now() + this.linkMs })
      }
    }
  }

  /** With all that is known of its files. */
  #known(parts: readonly SentPart[]): readonly Part[] {
    return whole(parts).map((part) => {
      const attachment = isAttached(part) ? this.attachments.get(part.attachment.id) : undefined
      return attachment === undefined || !isAttached(part) ? part : { ...part, attachment }
    })
  }

  /** A piece of an upload, which follows what came before. */
  #keep(wire: Wire, message: Uint8Array): void {
    const { channel = 0, offset = 0, bytes = message } = readPiece(message) ?? {}
    const partial = this.partials.get(wire.channels[channel] ?? '')
    if (partial === undefined || offset !== partial.bytes.length || offset >= this.takes) return
    partial.bytes = Buffer.concat([partial.bytes, bytes])
    wire.say({ type: 'upload.confirmed', channel, confirmed: partial.bytes.length })
  }

  #attach(id: string, size: number, sha256: string): Attachment {
    const { name = '', bytes = new Uint8Array() } = this.partials.get(id) ?? {}
    if (bytes.length !== size || createHash('sha256').update(bytes).digest('hex') !== sha256)
      throw new Error(`what came as ${name} is not what was said of it`)
    const mediaType = name.endsWith('.png') ? 'image/png' : 'text/plain'
    const attachment: Attachment = { id: `file-${id}`, name, mediaType, size, sha256 }
    this.attachments.set(attachment.id, attachment)
    return attachment
  }

  #enter(wire: Wire, room: string, at: Position | undefined, history: number): void {
    const { epoch, events } = this.log(room)
    if (at !== undefined && at.epoch === epoch && at.seq <= events.length) {
      wire.readers.set(room, at.seq)
      return this.#tell(wire, room)
    }
    const after = Math.max(0, events.length - history)
    wire.readers.set(room, events.length)
    const reset = at === undefined ? 'start' : at.epoch === epoch ? 'future' : 'epoch'
    wire.say({ type: 'page', page: this.page(room, after, { reset, earlier: after > 0 }) })
  }

  #tell(wire: Wire, room: string): void {
    const told = wire.readers.get(room)
    const head = this.log(room).events.length
    if (told === undefined || told >= head) return
    wire.readers.set(room, head)
    wire.say({ type: 'page', page: this.page(room, told) })
  }
}

/** As a room keeps them: here nobody names a file by its id alone. */
export function whole(parts: readonly SentPart[]): readonly Part[] {
  return parts.filter((part): part is Part => !('base64' in part))
}

function factOf(command: Edit | Redact | React): Fact {
  const { type, message } = command
  if (type === 'edit') return { type: 'message.edited', message, parts: whole(command.parts) }
  if (type === 'redact') return { type: 'message.redacted', message }
  return { type: 'message.reacted', message, reaction: command.reaction, on: command.on }
}

function summary(room: string, epoch: string, head: number, unread: number): object {
  return { room, epoch, head, at: 0, ...(unread === 0 ? {} : { unread }) }
}
