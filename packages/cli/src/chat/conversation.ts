// One person in one room at a time: what their typing does, and what there is to show. Knows no terminal.
import type { Client, ClientState, Pending, Room, RoomPicture } from '@parley/client'
import { Refusal, type RoomId, type RoomSummary, type Run, type Timeline } from '@parley/protocol'
import { nameOf } from '../lines.ts'
import { oneLine } from '../printable.ts'
import { HELP, understand } from './slash.ts'

/** Where the conversation is shown. */
export interface Show {
  /** Each picture of the room; `me` is the id of the one who looks. */
  hear(timeline: Timeline, me: string | undefined): void
  /** Another room, or none. */
  restart(): void
  notice(...texts: readonly string[]): void
}

/** What there is to know beside what was said. Immutable; the same object until something changes. */
export interface View {
  readonly room: RoomId | undefined
  readonly joined: boolean
  readonly pending: readonly Pending[]
  /** The agents that are at work, by name. */
  readonly answering: readonly string[]
  readonly connection: ClientState
  /** A word about what was just pressed. */
  readonly hint: string | undefined
}

export interface ConversationParts {
  readonly client: Client
  readonly show: Show
  /** A new private conversation. */
  readonly newRoom: () => RoomId
  /** Called once, when the person has had enough. */
  readonly quit: () => void
}

export class Conversation {
  readonly #parts: ConversationParts
  readonly #hearers = new Set<() => void>()
  readonly #stopClient: () => void
  #room: Room | undefined
  #stopRoom: () => void = () => {}
  #hint: string | undefined
  #interrupted = false
  #view: View

  constructor(parts: ConversationParts, room: RoomId | undefined) {
    this.#parts = parts
    this.#view = this.#look()
    this.#stopClient = parts.client.subscribe(() => this.#changed())
    this.#enter(room)
  }

  get view(): View {
    return this.#view
  }

  subscribe(hear: () => void): () => void {
    this.#hearers.add(hear)
    return () => this.#hearers.delete(hear)
  }

  /** Stops listening; the client stays as it is. */
  end(): void {
    this.#stopRoom()
    this.#stopClient()
  }

  /** A line that was typed: a message, or a command with a slash. */
  typed(line: string): void {
    this.#hint = undefined
    this.#interrupted = false
    const wish = understand(line)
    switch (wish.does) {
      case 'nothing':
        break
      case 'say':
        this.#say(wish.text)
        break
      case 'join':
        this.#enter(wish.room)
        break
      case 'leave':
        this.#leave()
        break
      case 'help':
        this.#parts.show.notice(...HELP)
        break
      case 'rooms':
        this.#attempt(this.#listRooms())
        break
      case 'older':
        this.#attempt(this.#older())
        break
      case 'cancel':
        if (!this.#cancel()) this.#hint = 'nothing is being answered'
        break
      case 'retry':
        this.#refused((room, id) => room.retry(id))
        break
      case 'discard':
        this.#refused((room, id) => room.discard(id))
        break
      case 'quit':
        return this.#parts.quit()
      case 'complain':
        this.#hint = wish.why
    }
    this.#changed()
  }

  /** Ctrl-C: stops the answer that is being written; twice without a word in between: ends. */
  interrupt(): void {
    if (this.#interrupted) return this.#parts.quit()
    this.#interrupted = true
    this.#hint = this.#cancel() ? 'stopping the answer; Ctrl-C again ends' : 'Ctrl-C again ends'
    this.#changed()
  }

  /** Goes to a room; without one, to a new one. */
  #enter(room: RoomId | undefined): void {
    const { client, show, newRoom } = this.#parts
    this.#stopRoom()
    show.restart()
    if (room === undefined) show.notice('a new private conversation; /help lists what can be typed')
    this.#room = client.room(room ?? newRoom())
    this.#stopRoom = this.#room.subscribe(() => this.#changed())
    this.#changed()
  }

  #leave(): void {
    this.#stopRoom()
    this.#stopRoom = () => {}
    this.#room?.leave()
    this.#room = undefined
    this.#parts.show.restart()
  }

  #say(text: string): void {
    if (this.#room === undefined) this.#hint = 'you are in no room; /join one'
    // A refused message stays among the pending ones, with the reason.
    else this.#attempt(this.#room.post(text).catch(unlessRefused))
  }

  #refused(act: (room: Room, id: string) => void): void {
    const room = this.#room
    const refused = room?.timeline.pending.filter(({ state }) => state === 'refused') ?? []
    if (refused.length === 0) this.#hint = 'nothing was refused'
    for (const { id } of refused) if (room !== undefined) act(room, id)
  }

  /** Whether there was anything to cancel. */
  #cancel(): boolean {
    const room = this.#room
    if (room === undefined) return false
    const running = runsAt(room.timeline, 'running')
    for (const { id } of running) this.#attempt(room.cancel(id))
    return running.length > 0
  }

  async #older(): Promise<void> {
    const room = this.#room
    if (room === undefined) return
    if (!room.timeline.earlier) this.#hint = 'this is where the room begins'
    else await room.older()
    this.#changed()
  }

  async #listRooms(): Promise<void> {
    const rooms = await this.#parts.client.rooms()
    this.#parts.show.notice(...(rooms.length === 0 ? ['no rooms yet'] : rooms.map(roomLine)))
    this.#changed()
  }

  /** What fails is told and nothing else changes. */
  #attempt(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      this.#hint = oneLine(error instanceof Error ? error.message : String(error))
      this.#changed()
    })
  }

  #changed(): void {
    const picture = this.#room?.timeline
    if (picture !== undefined) this.#parts.show.hear(picture, this.#parts.client.state.actor?.id)
    this.#view = this.#look()
    for (const hear of this.#hearers) hear()
  }

  #look(): View {
    const picture = this.#room?.timeline
    return {
      room: this.#room?.id,
      joined: picture?.joined ?? false,
      pending: picture?.pending ?? [],
      answering:
        picture === undefined ? [] : runsAt(picture, 'running', 'cancelling').map(({ agent }) => nameOf(agent)),
      connection: this.#parts.client.state,
      hint: this.#hint ?? picture?.problem?.message,
    }
  }
}

function runsAt({ runs }: RoomPicture, ...states: readonly Run['state'][]): readonly Run[] {
  return [...runs.values()].filter(({ state }) => states.includes(state))
}

function unlessRefused(error: unknown): void {
  if (!(error instanceof Refusal)) throw error
}

function roomLine({ room, title, head }: RoomSummary): string {
  return `${room}  ${head} events${title === undefined ? '' : `  ${oneLine(title)}`}`
}
