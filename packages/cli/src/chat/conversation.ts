// One person in one room at a time: what their typing does, and what there is to show. Knows no terminal.
import type { Assigned, Client, ClientState, Pending, Posted, Room, RoomPicture } from '@parley/client'
import { type Author, Refusal, type RoomId, type RoomSummary } from '@parley/protocol'
import { fileIn } from '../found-files.ts'
import { nameOf, oneLine } from '../printable.ts'
import type { ShownFiles } from '../shown-files.ts'
import { act, type Deed, stop } from './deeds.ts'
import { activeRuns, asking, type Reception, receptionOf } from './meant.ts'
import type { Way } from './milestones.ts'
import { Comings } from './people.ts'
import { decisionOf, HELP, type Typed, understand } from './slash.ts'
import { Transfers } from './transfers.ts'
import { search } from './work.ts'

/** Where the conversation is shown. */
export interface Show {
  /** Those that are shown. */
  readonly files: ShownFiles
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
  /** Others who are writing, by name. */
  readonly typing: readonly string[]
  /** How many people and agents are in the room. */
  readonly here: number
  /** How many messages wait for the connection, in all rooms. */
  readonly waiting: number
  /** Files on their way. */
  readonly transfers: readonly Way[]
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
  readonly #stops: readonly (() => void)[]
  readonly #comings = new Comings()
  readonly #transfers: Transfers
  #room: Room | undefined
  #stopRoom: () => void = () => {}
  #hint: string | undefined
  #reception: Reception | undefined
  #interrupted = false
  #view: View

  constructor(parts: ConversationParts, room: RoomId | undefined) {
    this.#parts = parts
    this.#transfers = new Transfers(parts.client, () => this.#changed())
    this.#view = this.#look()
    this.#stops = [
      parts.client.subscribe(() => this.#changed()),
      parts.client.onAssigned((assigned) => this.#assigned(assigned)),
    ]
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
    this.#transfers.end()
    for (const stop of this.#stops) stop()
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
        this.#attempt(this.#tell(this.#listRooms()))
        break
      case 'search':
        this.#attempt(this.#tell(search(this.#parts.client, wish.text)))
        break
      case 'older':
        this.#attempt(this.#older())
        break
      case 'attach':
        this.#inRoom((room) => ({ posting: this.#transfers.attach(room, wish.paths, wish.caption) }))
        break
      case 'save':
        this.#inRoom((room) => this.#save(room, wish.file, wish.path))
        break
      case 'stop':
        this.#stop()
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

  /** What stands in the line being typed, whenever that has changed. */
  writes(line: string): void {
    const says = line.trim() !== '' && (!line.startsWith('/') || line.startsWith('//'))
    this.#room?.typing(says)
  }

  /** Ctrl-C: stops the answer that is being written, and files on their way; twice without a word in between: ends. */
  interrupt(): void {
    if (this.#interrupted) return this.#parts.quit()
    this.#interrupted = true
    const files = this.#transfers.stop(`${GIVEN_UP}; ${AGAIN}`)
    const answers = this.#inRoom(stop)
    this.#hint = files ? `${GIVEN_UP}; ${AGAIN}` : answers ? `stopping the answer; ${AGAIN}` : AGAIN
    this.#changed()
  }

  #stop(): void {
    const files = this.#transfers.stop(GIVEN_UP)
    this.#inRoom(stop)
    if (files) this.#hint = GIVEN_UP
  }

  /** A file that is shown, or that was said here; of others nothing is known. */
  #save(room: Room, named: string, to: string): Deed {
    const file = this.#parts.show.files.find(named) ?? fileIn(room.timeline, named)
    return file === undefined ? { hint: `no file ${named} is shown here` } : { telling: this.#transfers.save(file, to) }
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
    const room = this.#room
    const { hint, works = [], telling, posting } = room === undefined ? { hint: NO_ROOM } : how(room)
    this.#hint = hint
    for (const work of works) this.#attempt(work)
    if (telling !== undefined) this.#attempt(this.#tell(telling))
    // A refused message stays among the pending ones, with the reason.
    if (posting !== undefined) this.#attempt(posting.then((posted) => this.#received(posted, room), unlessRefused))
    return works.length > 0
  }

  #received({ calls = [] }: Posted, room: Room | undefined): void {
    if (room === undefined || room !== this.#room) return
    this.#reception = receptionOf(calls, room.timeline)
    this.#changed()
  }

  async #older(): Promise<void> {
    const room = this.#room
    if (room === undefined) return
    if (!room.timeline.earlier) this.#hint = 'this is where the room begins'
    else await room.older()
    this.#changed()
  }

  async #listRooms(): Promise<readonly string[]> {
    const rooms = await this.#parts.client.rooms()
    return rooms.length === 0 ? ['no rooms yet'] : rooms.map(roomLine)
  }

  async #tell(lines: Promise<readonly string[]>): Promise<void> {
    this.#parts.show.notice(...(await lines))
    this.#changed()
  }

  #assigned({ room, task, by }: Assigned): void {
    this.#parts.show.notice(`${nameOf(by)} gave you a task in ${room}: ${oneLine(task.title)}`)
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
    if (picture !== undefined) this.#show(picture, this.#parts.client.state.actor?.id)
    this.#view = this.#look()
    for (const hear of this.#hearers) hear()
  }

  #show(picture: RoomPicture, me: string | undefined): void {
    const { show } = this.#parts
    show.hear(picture, me)
    const comings = this.#comings.hear(picture, me)
    if (comings.length > 0) show.notice(...comings)
    // What is shown is read.
    if (picture.joined) this.#room?.read()
  }

  #look(): View {
    const picture = this.#room?.timeline
    return {
      room: this.#room?.id,
      joined: picture?.joined ?? false,
      pending: picture?.pending ?? [],
      answering: picture === undefined ? [] : namesOf(activeRuns(picture).map(({ agent }) => agent)),
      asking: picture === undefined ? [] : namesOf(asking(picture).map(({ by }) => by)),
      typing: namesOf(picture?.typing.filter(({ kind }) => kind === 'user') ?? []),
      here: picture?.count ?? 0,
      waiting: this.#parts.client.status === 'connected' ? 0 : this.#parts.client.queued,
      transfers: this.#transfers.now,
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

/** Of messages that are not on their way yet. */
export function waitingText(waiting: number): string {
  return waiting === 1 ? '1 message waits for the connection' : `${waiting} messages wait for the connection`
}

const GIVEN_UP = 'what was on its way is given up'
const AGAIN = 'Ctrl-C again ends'
const NO_ROOM = 'you are in no room; /join one'

/** Each once. */
function namesOf(authors: readonly Author[]): readonly string[] {
  return [...new Set(authors.map(nameOf))]
}

function unlessRefused(error: unknown): void {
  if (!(error instanceof Refusal)) throw error
}

/** Beyond this, unread messages are not counted. */
const MOST_UNREAD = 100

function roomLine({ room, title, head, unread = 0 }: RoomSummary): string {
  const fresh = unread === 0 ? '' : `  ${unread >= MOST_UNREAD ? `${MOST_UNREAD}+` : unread} unread`
  return `${room}  ${head} events${fresh}${title === undefined ? '' : `  ${oneLine(title)}`}`
}
