// One person in one room at a time: what their typing does, and what there is to show. Knows no terminal.
import type { Client, ClientState, Pending, Posted, Room, RoomPicture } from '@parley/client'
import { type Author, Refusal, type RoomId, type RoomSummary } from '@parley/protocol'
import { nameOf, oneLine } from '../printable.ts'
import { act, type Deed, stop } from './deeds.ts'
import { activeRuns, asking, type Reception, receptionOf } from './meant.ts'
import { decisionOf, HELP, type Typed, understand } from './slash.ts'

/** Where the conversation is shown. */
export interface Show {
  /** Each picture of the room; `me` is the id of the one who looks. */
  hear(picture: RoomPicture, me: string | undefined): void
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
  /** The agents that ask whether they may use a tool, by name. */
  readonly asking: readonly string[]
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
  #reception: Reception | undefined
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
    this.#reception = undefined
    this.#do(this.#decision(line) ?? understand(line))
    this.#changed()
  }

  /** A plain yes or no, where a tool asks. */
  #decision(line: string): Typed | undefined {
    const approved = decisionOf(line)
    if (approved === undefined || this.#room === undefined || asking(this.#room.timeline).length === 0) return undefined
    return { does: approved ? 'approve' : 'deny' }
  }

  #do(wish: Typed): void {
    switch (wish.does) {
      case 'nothing':
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
      case 'quit':
        return this.#parts.quit()
      case 'complain':
        this.#hint = wish.why
        break
      default:
        this.#inRoom((room) => act(room, wish, this.#parts.client.state.actor?.id))
    }
  }

  /** Ctrl-C: stops the answer that is being written; twice without a word in between: ends. */
  interrupt(): void {
    if (this.#interrupted) return this.#parts.quit()
    this.#interrupted = true
    this.#hint = this.#inRoom(stop) ? 'stopping the answer; Ctrl-C again ends' : 'Ctrl-C again ends'
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

  /** Whether something is under way now. */
  #inRoom(how: (room: Room) => Deed): boolean {
    const { hint, works = [], posting } = this.#room === undefined ? { hint: NO_ROOM } : how(this.#room)
    this.#hint = hint
    for (const work of works) this.#attempt(work)
    // A refused message stays among the pending ones, with the reason.
    if (posting !== undefined) this.#attempt(posting.then((posted) => this.#received(posted), unlessRefused))
    return works.length > 0
  }

  #received({ calls = [] }: Posted): void {
    if (this.#room !== undefined) this.#reception = receptionOf(calls, this.#room.timeline)
    this.#changed()
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
      answering: picture === undefined ? [] : namesOf(activeRuns(picture).map(({ agent }) => agent)),
      asking: picture === undefined ? [] : namesOf(asking(picture).map(({ by }) => by)),
      connection: this.#parts.client.state,
      hint: this.#hint ?? this.#receptionText(picture) ?? picture?.problem?.message,
    }
  }

  #receptionText(picture: RoomPicture | undefined): string | undefined {
    if (picture === undefined || this.#reception === undefined) return undefined
    const { text, until } = this.#reception
    return activeRuns(picture).some(({ id }) => until.includes(id)) ? text : undefined
  }
}

const NO_ROOM = 'you are in no room; /join one'

/** Each once. */
function namesOf(authors: readonly Author[]): readonly string[] {
  return [...new Set(authors.map(nameOf))]
}

function unlessRefused(error: unknown): void {
  if (!(error instanceof Refusal)) throw error
}

function roomLine({ room, title, head }: RoomSummary): string {
  return `${room}  ${head} events${title === undefined ? '' : `  ${oneLine(title)}`}`
}
