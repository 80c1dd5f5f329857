// A world under a schedule: what was tried, and what was seen to be wrong while it went on.
import type { RoomPicture } from '@parley/client'
import { Refusal, type RoomId } from '@parley/protocol'
import type { Thought, Turn } from '@parley/server'
import { type Seeded, seeded } from '../chance.ts'
import type { Device } from '../device.ts'
import { idOf, World } from '../world.ts'
import type { Attempt } from './attempts.ts'
import { Bystander } from './bystander.ts'
import { forbiddenTo, gather, LOBBY } from './cast.ts'
import { faultOfPicture } from './picture.ts'
import { wildScript } from './wild-agent.ts'

/** One mistake may be seen a thousand times. */
const MOST_FAULTS = 12
/** Copies of a message that was sent again may be under way so long; while they are, its id must be remembered. */
const ECHO_MS = 5_000
/** Share of the pictures shown that are held against the whole log; the last ones always are. */
const SPOT_CHECKS = 0.08

export class Simulation {
  readonly chance: Seeded
  readonly world: World
  /** Hears the lobby in a dialect without positions. */
  readonly bystander: Bystander
  readonly attempts: Attempt[] = []
  readonly faults: string[] = []
  /** What the agent said, by run. */
  readonly spoken = new Map<string, string>()
  /** Whether bob's tokens end and have to be renewed. */
  readonly tokensEnd: boolean
  /** Nothing was done so far that might end a run before its time, or let a cancel wait. */
  sound = true
  readonly #trace: ((line: string) => void) | undefined
  readonly #checks: Seeded
  readonly #positions = new WeakMap<object, { readonly epoch: string; readonly seq: number }>()
  /** Ids that were used more than once, on purpose. */
  readonly #reused = new Set<string>()
  #words = 0

  constructor(seed: number, trace: ((line: string) => void) | undefined) {
    this.chance = seeded(`${seed}/schedule`)
    this.#checks = seeded(`${seed}/checks`)
    this.#trace = trace
    this.tokensEnd = this.chance.odds(0.5)
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
    this.bystander = this.#inviteBystander(seeded(`${seed}/bystander`))
  }

  /** Everybody comes in. */
  begin(): Promise<void> {
    return gather(this.world, this.chance, this.tokensEnd)
  }

  note(line: string): void {
    this.#trace?.(`${this.world.time.now.toFixed(1).padStart(10)} ${line}`)
  }

  fault(what: string): void {
    this.note(`FAULT ${what}`)
    if (this.faults.length < MOST_FAULTS) this.faults.push(what)
  }

  /** Words that nobody has said before; sometimes the agent is asked. */
  words(): string {
    this.#words += 1
    const asked = this.chance.odds(0.3) ? ' @guide' : ''
    const long = this.chance.odds(0.05) ? ` ${'x'.repeat(3_000)}` : ''
    return `words ${this.#words}${asked}${long}`
  }

  /** Says it and goes on; what becomes of it is noted in `attempts`. */
  post(device: Device, room: string, text: string, id = this.chance.uuid()): string {
    const { user, name } = device
    const again = this.attempts.some((other) => other.id === id && other.user === user && other.room === room)
    const kept = device.client.state.actor !== undefined
    const attempt: Attempt = {
      user,
      device: name,
      room: idOf(room),
      id,
      text,
      again,
      kept,
      outcome: { type: 'unknown' },
    }
    this.attempts.push(attempt)
    if (again) this.#reused.add(id)
    const posted = device.room(room).post(text, { id })
    posted.then(
      ({ position }) => {
        attempt.outcome = { type: 'accepted', position }
      },
      (cause: unknown) => this.#refused(attempt, device, cause),
    )
    return `${name} says ${id.slice(0, 8)} "${text.slice(0, 40)}" in ${room}`
  }

  #refused(attempt: Attempt, device: Device, cause: unknown): void {
    if (!(cause instanceof Refusal)) return
    const { code } = cause.problem
    attempt.outcome = { type: 'refused', code }
    if (code === 'access.denied' && forbiddenTo(device).includes(attempt.room)) return
    if (code === 'id.conflict' && this.#reused.has(attempt.id)) return
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
    const here = this.attempts.filter((attempt) => attempt.room === room)
    const open = new Set(here.filter((attempt) => this.#isOpen(attempt)).map(({ id }) => id))
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

  /** Holds a picture against all that ever entered the log. */
  judge(device: Device, picture: RoomPicture): void {
    const fault = faultOfPicture(this.world.witness, picture)
    if (fault !== undefined) this.fault(`${device.name} ${fault}`)
  }

  #spoke({ run, room }: Turn, thought: Thought): void {
    const text = typeof thought === 'string' ? thought : thought.type === 'text' ? thought.text : ''
    this.spoken.set(run, (this.spoken.get(run) ?? '') + text)
    this.note(`guide in ${room}: ${text === '' ? JSON.stringify(thought) : text}`)
  }

  #overheard(device: Device, frame: string): void {
    this.note(`  → ${device.name}: ${frame}`)
    if (!frame.includes('"events":')) return
    for (const room of forbiddenTo(device))
      if (frame.includes(`"room":"${room}"`)) this.fault(`${device.name} received a page of ${room}`)
  }

  #shown(device: Device, picture: RoomPicture): void {
    const { room, position, pending, messages } = picture
    const key = device.client.room(room)
    const before = this.#positions.get(key)
    if (position !== undefined) this.#positions.set(key, position)
    if (position !== undefined && before?.epoch === position.epoch && position.seq < before.seq)
      this.fault(`${device.name} went back from ${before.seq} to ${position.seq} in ${room}`)
    for (const { id } of pending)
      if (!this.#reused.has(id) && messages.some((message) => message.id === id && message.by.id === device.user))
        this.fault(`${device.name} shows ${id} twice in ${room}: as pending and as a message`)
    if (this.#checks.odds(SPOT_CHECKS)) this.judge(device, picture)
  }

  #inviteBystander(chance: Seeded): Bystander {
    const { world } = this
    const bystander = new Bystander({
      time: world.time,
      chance,
      witness: world.witness,
      name: 'bystander',
      user: 'bob',
      room: idOf(LOBBY),
      server: () => world.anyHost(chance),
      fault: (what) => this.fault(what),
      note: (line) => this.note(line),
    })
    world.online.push(bystander)
    return bystander
  }
}
