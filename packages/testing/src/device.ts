// Somebody's phone, tab or laptop: a client over its own line, which may be refreshed, die, and come back with its outbox.
import {
  type Client,
  connect,
  type Dial,
  type OutboxStore,
  type Posted,
  type PostOptions,
  type Room,
  type RoomPicture,
  type Token,
} from '@parley/client'
import { type Message, type Part, textOf } from '@parley/protocol'
import type { Seeded } from './chance.ts'
import type { VirtualClock, VirtualTime } from './clock.ts'
import { type Host, Line } from './network.ts'

const ADDRESS = 'ws://parley.test/api/ws'
const BEARER = 'bearer.'

/** Where and how something is said. */
export interface Said extends PostOptions {
  /** Default: the device's home room. */
  readonly room?: string
}

export interface DeviceOptions {
  readonly time: VirtualTime
  readonly chance: Seeded
  /** Whose it is. */
  readonly user: string
  /** Default: the user's name, which is good for ever. */
  readonly token?: Token
  readonly name: string
  /** The room that its words are about unless another is named. */
  readonly home: string
  /** Lets time pass until the promise settles. */
  readonly settle: <Value>(promise: Promise<Value>, what: string) => Promise<Value>
  /** Which node answers the next call. */
  readonly server: () => Host
  /** Survives a refresh. */
  readonly outbox: OutboxStore
  /** Posts of one room on the wire at once. Default: the client's own. */
  readonly window?: number
  /** Hears each frame right before the client does. */
  readonly overheard?: (device: Device, frame: string) => void
  /** Hears each picture that the application is shown. */
  readonly shown?: (device: Device, picture: RoomPicture) => void
}

/** From the opening of the application to its end. */
interface Life {
  readonly client: Client
  readonly clock: VirtualClock
  closing: boolean
}

export class Device {
  readonly user: string
  readonly name: string
  readonly line: Line
  readonly #options: DeviceOptions
  /** Rooms that the application watches, also after a refresh. */
  readonly #watched = new Map<string, () => void>()
  #life: Life | undefined
  #lives = 0

  constructor(options: DeviceOptions) {
    const { user, name, time, chance } = options
    this.user = user
    this.name = name
    this.line = new Line(time, chance.fork('line'))
    this.#options = options
  }

  get running(): boolean {
    return this.#life !== undefined
  }

  get outbox(): OutboxStore {
    return this.#options.outbox
  }

  get client(): Client {
    if (this.#life === undefined) throw new Error(`${this.name} is switched off`)
    return this.#life.client
  }

  /** Opens the application, unless it is open: a client that knows nothing but its outbox. */
  open(): void {
    if (this.#life?.closing === true) this.quit()
    if (this.#life !== undefined) return
    const { time, chance, user, token = user, outbox, window } = this.#options
    this.#lives += 1
    const clock = time.clock()
    const client = connect(ADDRESS, {
      token,
      dial: this.#dial,
      clock,
      chance: chance.fork(`life ${this.#lives}`),
      outbox,
      ...(window === undefined ? {} : { window }),
    })
    this.#life = { client, clock, closing: false }
    for (const room of this.#watched.keys()) this.watch(room)
  }

  /** The application ends without a word; so does, with `device`, everything that could tell the server. */
  quit(device = false): void {
    this.#life?.clock.stop()
    this.#life = undefined
    this.line.died(device)
  }

  /** What a browser does at F5. */
  refresh(): void {
    this.quit()
    this.open()
  }

  room(id = this.#options.home): Room {
    return this.client.room(id)
  }

  /** Shows a room from now on. */
  watch(id = this.#options.home): void {
    const { shown } = this.#options
    const life = this.#life
    const see = (picture: RoomPicture): void => {
      if (life === this.#life) shown?.(this, picture)
    }
    this.#watched.set(id, this.room(id).subscribe(see))
  }

  /** Says goodbye to the server before it ends. What was not accepted stays in the outbox. */
  async close(): Promise<void> {
    const life = this.#life
    if (life === undefined) return
    life.closing = true
    await life.client.close()
    if (life === this.#life) this.quit()
  }

  /** Shows the room no more and leaves it. */
  leave(id = this.#options.home): void {
    this.#watched.get(id)?.()
    this.#watched.delete(id)
    this.room(id).leave()
  }

  /** Says something and waits until it is accepted. Rejects when it is refused. */
  post(said: string | readonly Part[], { room = this.#options.home, ...options }: Said = {}): Promise<Posted> {
    return this.#options.settle(this.room(room).post(said, options), `${this.name}'s post`)
  }

  /** Stops the run that is at work in the room. */
  stop(room = this.#options.home): Promise<void> {
    const run = [...this.picture(room).runs.values()].find(({ state }) => state === 'running')
    if (run === undefined) throw new Error(`${this.name} sees no run at work in ${room}`)
    return this.#options.settle(this.room(room).cancel(run.id), `${this.name}'s cancel`)
  }

  /** Its owner, or nobody, sets its clock. */
  setClock(ms: number): void {
    this.#life?.clock.jump(ms)
  }

  get watching(): readonly string[] {
    return [...this.#watched.keys()]
  }

  picture(id = this.#options.home): RoomPicture {
    return this.room(id).timeline
  }

  /** The words that it shows at home, oldest first. */
  get texts(): readonly string[] {
    return this.messages.map(({ parts }) => textOf(parts))
  }

  get messages(): readonly Message[] {
    return this.picture().messages
  }

  readonly #dial: Dial = (_url, protocols, listener) => {
    const token = protocols.find((protocol) => protocol.startsWith(BEARER))?.slice(BEARER.length)
    const hello = {
      dialect: 'native',
      params: new Map<string, string>(),
      address: '127.0.0.1',
      ...(token === undefined ? {} : { token }),
    }
    const { server, overheard } = this.#options
    return this.line.dial(server(), hello, {
      ...listener,
      received: (text) => {
        overheard?.(this, text)
        listener.received(text)
      },
    })
  }
}
