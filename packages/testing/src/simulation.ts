// A world under a schedule: who is there, what was tried, and what was seen to be wrong while it went on.
import { memoryOutbox, type RoomPicture } from '@parley/client'
import { Refusal, type RoomId, textOf } from '@parley/protocol'
import type { Thought, Turn } from '@parley/server'
import { Bystander } from './bystander.ts'
import { type Seeded, seeded } from './chance.ts'
import type { Device } from './device.ts'
import { type Attempt, faultOfPicture } from './judge.ts'
import { wildScript } from './wild-agent.ts'
import { idOf, World } from './world.ts'

const LOBBY = 'lobby'
const GARDEN = 'garden'
/** Only alice and bob may read it. */
const VAULT = 'vault'
const SESSIONS: { readonly [user: string]: string } = {
  alice: 'session:a11ce000-0000-4000-8000-000000000001',
  bob: 'session:b0b00000-0000-4000-8000-000000000002',
}
/** Somebody who may not see everything. */
const STRANGER = 'mallory'
/** One mistake may be seen a thousand times. */
const MOST_FAULTS = 12
/** Copies of a message that was sent again may be under way so long; while they are, its id must be remembered. */
const ECHO_MS = 5_000
/** Share of the pictures shown that are held against the whole log; the last ones always are. */
const SPOT_CHECKS = 0.08

export class Simulation {
  readonly chance: Seeded
  readonly world: World
  readonly attempts: Attempt[] = []
  readonly faults: string[] = []
  /** Nothing was done so far that might end a run before its time, or let a cancel wait. */
  sound = true
  /** What the agent said, by run. */
  readonly spoken = new Map<string, string>()
  readonly #trace: (line: string) => void
  readonly #checks: Seeded
  readonly #seqs = new WeakMap<object, { readonly epoch: string; readonly seq: number }>()
  readonly #usedAgain = new Set<string>()
  #words = 0

  /** Hears the lobby in a dialect without positions. */
  bystander: Bystander | undefined
  readonly #seed: number

  constructor(seed: number, trace: (line: string) => void) {
    this.chance = seeded(`${seed}/schedule`)
    this.#checks = seeded(`${seed}/checks`)
    this.#trace = trace
    this.#seed = seed
    this.world = new World({
      seed,
      room: LOBBY,
      limits: {
        softBytes: this.chance.pick([200, 2_000, 65_536]),
        hardBytes: this.chance.pick([10_000, 1_048_576]),
      },
      script: (turn) => wildScript(seed, turn),
      spoke: (turn, thought) => this.#spoke(turn, thought),
      overheard: (device, frame) => this.#overheard(device, frame),
      shown: (device, picture) => this.#shown(device, picture),
    })
  }

  /** Everybody comes in, and whoever has a session of their own opens it. */
  async begin(): Promise<void> {
    const { world, chance } = this
    for (const action of ['read', 'write', 'run'] as const) world.rights.deny(STRANGER, action, idOf(VAULT))
    for (let count = chance.int(1, 3); count > 0; count -= 1) world.addNode()
    const laptop = memoryOutbox()
    world.addDevice('alice', 'alice-laptop', laptop)
    world.addDevice('alice', 'alice-phone')
    world.addDevice('bob', 'bob-phone')
    if (chance.odds(0.3)) world.addDevice('alice', 'alice-tab', laptop)
    for (const device of world.devices) {
      const session = SESSIONS[device.user]
      if (session !== undefined) device.watch(session)
      if (chance.odds(0.5)) device.watch(GARDEN)
      if (chance.odds(0.3)) device.watch(VAULT)
    }
    await world.calm()
    world.addDevice(STRANGER)
    const calls = seeded(`${this.#seed}/bystander`)
    this.bystander = new Bystander({
      time: world.time,
      chance: calls,
      witness: world.witness,
      name: 'bystander',
      user: 'bob',
      room: idOf(LOBBY),
      server: () => world.anyHost(calls),
      fault: (what) => this.fault(what),
      note: (line) => this.note(line),
    })
    world.online.push(this.bystander)
  }

  note(line: string): void {
    this.#trace(`${this.world.time.now.toFixed(1).padStart(10)} ${line}`)
  }

  fault(what: string): void {
    this.note(`FAULT ${what}`)
    if (this.faults.length < MOST_FAULTS) this.faults.push(what)
  }

  /** Rooms where the device's user may be. */
  openTo({ user }: Device): readonly string[] {
    const session = SESSIONS[user]
    const shared = user === STRANGER ? [LOBBY, GARDEN] : [LOBBY, GARDEN, VAULT]
    return session === undefined ? shared : [...shared, session]
  }

  /** Rooms where the device's user may not be. */
  forbiddenTo(device: Device): readonly string[] {
    const open = this.openTo(device)
    return [VAULT, ...Object.values(SESSIONS)].filter((room) => !open.includes(room))
  }

  /** A room in which the device says something. */
  roomOf(device: Device): string {
    const open = this.openTo(device).filter((room) => device.watching.includes(room))
    return open.length === 0 || this.chance.odds(0.05) ? LOBBY : this.chance.pick(open)
  }

  /** Words that nobody has said before; sometimes the agent is asked. */
  words(): string {
    this.#words += 1
    const asked = this.chance.odds(0.3) ? ' @guide' : ''
    const long = this.chance.odds(0.05) ? ` ${'x'.repeat(3_000)}` : ''
    return `words ${this.#words}${asked}${long}`
  }

  post(device: Device, room: string, text: string, id = this.chance.uuid()): string {
    const again = this.attempts.some((other) => other.id === id && other.user === device.user && other.room === room)
    const attempt: Attempt = {
      user: device.user,
      device: device.name,
      room: idOf(room),
      id,
      text,
      again,
      kept: device.client.state.actor !== undefined,
      outcome: { type: 'unknown' },
    }
    this.attempts.push(attempt)
    if (again) this.#usedAgain.add(id)
    device
      .room(room)
      .post(text, { id })
      .then(
        ({ position }) => {
          attempt.outcome = { type: 'accepted', position }
        },
        (cause: unknown) => this.#refused(attempt, device, cause),
      )
    return `${device.name} says ${id.slice(0, 8)} "${text.slice(0, 40)}" in ${room}`
  }

  #refused(attempt: Attempt, device: Device, cause: unknown): void {
    if (!(cause instanceof Refusal)) return
    const { code } = cause.problem
    attempt.outcome = { type: 'refused', code }
    const forbidden = this.forbiddenTo(device).includes(attempt.room)
    if (code === 'access.denied' ? forbidden : code === 'id.conflict' && this.#usedAgain.has(attempt.id)) return
    this.fault(`${attempt.room} ${attempt.id} of ${device.name} was refused: ${code}`)
  }

  /** Whatever becomes of it, it may only be refused for these reasons. */
  expectRefusal(promise: Promise<unknown>, codes: readonly string[]): void {
    promise.catch((cause: unknown) => {
      if (cause instanceof Refusal && codes.includes(cause.problem.code)) return
      if (cause instanceof Error && cause.message.includes('closed before an answer')) return
      this.fault(`an unexpected refusal: ${String(cause)}`)
    })
  }

  /** Up to here a room may be forgotten: nobody will ask again about what was said there. */
  settledUpTo(room: RoomId): number {
    const open = new Set(
      this.attempts.filter((attempt) => attempt.room === room && this.#isOpen(attempt)).map(({ id }) => id),
    )
    const latest = this.world.clock.now() - ECHO_MS
    const { events } = this.world.witness.of(room)
    const first = events.find(({ id, at }) => at > latest || (id !== undefined && open.has(id)))
    return first === undefined ? Number.POSITIVE_INFINITY : first.seq - 1
  }

  /** Some device may send it again: it is kept in an outbox, or still on somebody's mind. */
  #isOpen({ id, user, room, kept, outcome }: Attempt): boolean {
    if (outcome.type !== 'unknown') return false
    const devices = this.world.devices.filter((device) => device.user === user)
    return (
      !kept ||
      devices.some(({ outbox }) => outbox.load(user).some((post) => post.id === id)) ||
      devices.some((device) => device.running && device.picture(room).pending.some((post) => post.id === id))
    )
  }

  #spoke({ run, room }: Turn, thought: Thought): void {
    const text = typeof thought === 'string' ? thought : thought.type === 'text' ? thought.text : ''
    this.spoken.set(run, (this.spoken.get(run) ?? '') + text)
    this.note(`guide in ${room}: ${JSON.stringify(thought).slice(0, 80)}`)
  }

  #overheard(device: Device, frame: string): void {
    this.note(`  → ${device.name}: ${frame.slice(0, 2_000)}`)
    if (!frame.includes('"events":')) return
    for (const room of this.forbiddenTo(device))
      if (frame.includes(`"room":"${room}"`)) this.fault(`${device.name} received a page of ${room}`)
  }

  #shown(device: Device, picture: RoomPicture): void {
    const { room, position, pending, messages } = picture
    const key = device.client.room(room)
    const before = this.#seqs.get(key)
    if (position !== undefined) {
      if (before?.epoch === position.epoch && position.seq < before.seq)
        this.fault(`${device.name} went back from ${before.seq} to ${position.seq} in ${room}`)
      this.#seqs.set(key, position)
    }
    for (const { id } of pending)
      if (!this.#usedAgain.has(id) && messages.some((message) => message.id === id && message.by.id === device.user))
        this.fault(`${device.name} shows ${id} twice in ${room}: as pending and as a message`)
    if (this.#checks.odds(SPOT_CHECKS)) this.judge(device, picture)
  }

  judge(device: Device, picture: RoomPicture): void {
    const fault = faultOfPicture(this.world.witness, picture)
    if (fault !== undefined) this.fault(`${device.name} ${fault}`)
  }

  /** The words of a message's visible text, for a short trace. */
  wordsOf(device: Device, room: string): string {
    return device
      .picture(room)
      .messages.map(({ parts }) => textOf(parts).slice(0, 20))
      .join(' | ')
  }
}
