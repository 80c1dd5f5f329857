// Somebody who hears a room in a dialect without positions, and notices when it is told wrongly: twice, in part, or not at all.
import { messageKey, type RoomId } from '@parley/protocol'
import type { Hello } from '@parley/server'
import type { Seeded } from '../chance.ts'
import type { VirtualTime } from '../clock.ts'
import { type Host, Line } from '../network.ts'
import type { Call } from '../pipe.ts'
import type { Witness } from '../witness.ts'

export interface BystanderOptions {
  readonly time: VirtualTime
  readonly chance: Seeded
  readonly witness: Witness
  readonly name: string
  readonly user: string
  readonly room: RoomId
  readonly server: () => Host
  readonly fault: (what: string) => void
  readonly note: (line: string) => void
}

type Fields = { readonly [key: string]: unknown }

const AGAIN_MS = 3_000
const PING_MS = 15_000

/** What was heard over one connection. */
interface Hearing {
  readonly call: Call
  /** Seq of the room when it was joined. */
  from: number | undefined
  readonly messages: Set<string>
  /** Text so far of streams that have begun. */
  readonly open: Map<string, string>
  readonly ended: Set<string>
  /** Something was heard since the last ping. */
  alive: boolean
}

export class Bystander {
  readonly name: string
  readonly line: Line
  readonly #options: BystanderOptions
  #hearing: Hearing | undefined

  constructor(options: BystanderOptions) {
    const { time, chance, name } = options
    this.name = name
    this.line = new Line(time, chance.fork('line'))
    this.#options = options
    this.#dial()
  }

  get room(): RoomId {
    return this.#options.room
  }

  get user(): string {
    return this.#options.user
  }

  /** What it should have heard by now and did not; empty when it has heard everything since it came. */
  get missing(): readonly string[] {
    const { witness, room, name } = this.#options
    const hearing = this.#hearing
    const from = hearing?.from
    if (hearing === undefined || from === undefined) return [`${name} has not joined ${room}`]
    const { messages, ended } = hearing
    return witness.of(room).events.flatMap(({ seq, by, id, fact }) => {
      if (seq <= from) return []
      if (fact.type === 'message.posted' && !messages.has(messageKey(by.id, id ?? ''))) return [`${name} misses ${seq}`]
      if (fact.type === 'message.closed' && !ended.has(fact.message))
        return [`${name} misses the end of ${fact.message}`]
      return []
    })
  }

  /** Says these in a row, without waiting for answers; false when it is not in the room. */
  say(said: readonly { readonly id: string; readonly text: string }[]): boolean {
    const hearing = this.#hearing
    if (hearing?.from === undefined) return false
    for (const { id, text } of said) {
      const payload = { roomId: this.#options.room, content: text }
      hearing.call.send(JSON.stringify({ type: 'message', messageId: id, payload }))
    }
    return true
  }

  #dial(): void {
    const { user, server, chance, time, room } = this.#options
    const hello: Hello = { dialect: 'envelope', token: user, params: new Map(), address: '127.0.0.1' }
    let hearing: Hearing | undefined
    const call = this.line.dial(server(), hello, {
      opened: () => {
        const joinRoom = { type: 'joinRoom', payload: { roomId: room, history: chance.int(0, 20) } }
        call.send(JSON.stringify(joinRoom))
      },
      received: (text) => {
        if (hearing !== undefined) this.#hear(hearing, text)
      },
      closed: () => {
        this.#hearing = undefined
        time.after(chance.float() * AGAIN_MS, () => this.#dial())
      },
    })
    hearing = { call, from: undefined, messages: new Set(), open: new Map(), ended: new Set(), alive: true }
    this.#hearing = hearing
    this.#ping(hearing)
  }

  /** A server that does not answer is left. */
  #ping(hearing: Hearing): void {
    const { call, alive } = hearing
    hearing.alive = false
    if (!alive) call.close(1000, '')
    else call.send(JSON.stringify({ type: 'ping', payload: {} }))
    this.#options.time.after(PING_MS, () => {
      if (hearing === this.#hearing) this.#ping(hearing)
    })
  }

  #hear(hearing: Hearing, text: string): void {
    const { name, note } = this.#options
    note(`  → ${name}: ${text.slice(0, 2_000)}`)
    hearing.alive = true
    const { type, payload }: { type: string; payload: Fields } = JSON.parse(text)
    const wrong = this.#judge(hearing, type, payload)
    if (wrong !== undefined) this.#options.fault(`${name}: ${wrong}`)
  }

  /** What is wrong with this piece of news. */
  #judge(hearing: Hearing, type: string, payload: Fields): string | undefined {
    const { messages, open, ended } = hearing
    const id = String(payload.messageId)
    const content = String(payload.content)
    const shown = open.get(id)
    switch (type) {
      case 'roomJoined':
        hearing.from = seqOf(payload.position)
        return undefined
      case 'error':
      case 'roomReset':
        // Begins anew, with a connection of its own.
        hearing.call.close(1000, '')
        return undefined
      case 'messageReceived':
        messages.add(messageKey(String(payload.senderId), id))
        return undefined
      case 'message': {
        const key = messageKey(String(payload.senderId), id)
        return messages.size === messages.add(key).size ? `heard ${key} twice` : undefined
      }
      case 'streamStart':
        open.set(id, '')
        return shown === undefined && !ended.has(id) ? undefined : `${id} began twice`
      case 'streamChunk':
        open.set(id, `${shown}${content}`)
        return shown === undefined ? `a chunk of ${id}, which has not begun or has ended` : undefined
      case 'streamEnd':
        open.delete(id)
        ended.add(id)
        return shown === content
          ? undefined
          : `${id} was told as ${JSON.stringify(shown)} and is ${JSON.stringify(content)}`
      default:
        return undefined
    }
  }
}

function seqOf(position: unknown): number {
  return typeof position === 'object' && position !== null && 'seq' in position ? Number(position.seq) : 0
}
