// A world under a schedule: what was tried, and what was seen to be wrong while it went on.
import type { RoomPicture } from '@parley/client'
import { isToolOver, Refusal, type RoomId } from '@parley/protocol'
import type { Clock, Seat, Tool, ToolContext } from '@parley/server'
import { type Seeded, seeded } from '../chance.ts'
import type { Device } from '../device.ts'
import { idOf, World } from '../world.ts'
import type { Attempt } from './attempts.ts'
import { Bystander } from './bystander.ts'
import { forbiddenTo, gather, LOBBY } from './cast.ts'
import { faultOfPicture } from './picture.ts'
import { holderOf } from './run-faults.ts'
import { Tellings } from './tellings.ts'
import { faultOfStart } from './tool-faults.ts'
import { needsApproval } from './wild-tools.ts'
import { Wishes } from './wishes.ts'
import { Workforce } from './workforce.ts'

/** One mistake may be seen a thousand times. */
const MOST_FAULTS = 12
/** Copies of a message that was sent again may be under way so long; while they are, its id must be remembered. */
const ECHO_MS = 5_000
/** Share of the pictures shown that are held against the whole log; the last ones always are. */
const SPOT_CHECKS = 0.08

/** How something is said. */
type Saying = Partial<Pick<Attempt, 'id' | 'steers' | 'supersedes'>>

export class Simulation {
  readonly chance: Seeded
  readonly world: World
  /** Hears the lobby in a dialect without positions. */
  readonly bystander: Bystander
  readonly attempts: Attempt[] = []
  readonly wishes: Wishes
  readonly faults: string[] = []
  readonly workforce: Workforce
  readonly tellings: Tellings
  /** Whether bob's tokens end and have to be renewed. */
  readonly tokensEnd: boolean
  /** Nothing was done so far that might end a run before its time, or let a cancel wait. */
  sound = true
  /** Something of the past was forgotten. */
  forgetful = false
  readonly #trace: ((line: string) => void) | undefined
  readonly #checks: Seeded
  readonly #positions = new WeakMap<object, { readonly epoch: string; readonly seq: number }>()
  /** Ids that were used more than once, on purpose. */
  readonly #reused = new Set<string>()
  /** Calls that needed approval and were made. */
  readonly #made = new Set<string>()
  #words = 0

  constructor(seed: number, trace: ((line: string) => void) | undefined) {
    this.chance = seeded(`${seed}/schedule`)
    this.#checks = seeded(`${seed}/checks`)
    this.#trace = trace
    this.tokensEnd = this.chance.odds(0.5)
    this.workforce = new Workforce(seed)
    this.wishes = new Wishes(this)
    this.tellings = new Tellings({
      note: (line) => this.note(line),
      fault: (what) => this.fault(what),
      holder: (room, run) => holderOf(this.world.witness.of(room).events, run),
    })
    this.world = new World({
      seed,
      room: LOBBY,
      limits: {
        softBytes: this.chance.pick([200, 2_000, 65_536]),
        hardBytes: this.chance.pick([10_000, 1_048_576]),
        toolCalls: this.chance.pick([3, 200]),
      },
      seats: (clock, node) => this.#seats(clock, node),
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

  /** Words that nobody has said before; sometimes an agent is asked. */
  words(): string {
    this.#words += 1
    const asked = this.workforce.staff.map(({ id }) => (this.chance.odds(0.3) ? ` @${id}` : '')).join('')
    const long = this.chance.odds(0.05) ? ` ${'x'.repeat(3_000)}` : ''
    return `words ${this.#words}${asked}${long}`
  }

  /** Says it and goes on; what becomes of it is noted in `attempts`. */
  post(device: Device, room: string, text: string, { id = this.chance.uuid(), ...more }: Saying = {}): string {
    const { user, name } = device
    const again = this.attempts.some((other) => other.id === id && other.user === user && other.room === room)
    const kept = device.client.state.actor !== undefined
    const attempt: Attempt = {
      user,
      device: name,
      room: idOf(room),
      id,
      text,
      ...more,
      kept,
      outcome: { type: 'unknown' },
    }
    this.attempts.push(attempt)
    if (again) this.#reused.add(id)
    const posted = device.room(room).post(text, { id, ...more })
    posted.then(
      ({ position, calls = [] }) => {
        attempt.outcome = { type: 'accepted', position, calls }
      },
      (cause: unknown) => this.#refused(attempt, device, cause),
    )
    return `${name} says ${id.slice(0, 8)} "${text.slice(0, 40)}" in ${room} ${JSON.stringify(more)}`
  }

  /** The bystander says something in a row. Its dialect keeps nothing that is lost with a connection. */
  chatter(): string | undefined {
    const { name } = this.bystander
    const said = Array.from({ length: this.chance.int(2, 4) }, () => ({ id: this.chance.uuid(), text: this.words() }))
    if (!this.bystander.say(said)) return undefined
    for (const one of said)
      this.attempts.push({
        user: 'bob',
        device: name,
        room: idOf(LOBBY),
        ...one,
        kept: false,
        outcome: { type: 'unknown' },
      })
    return `${name} says ${said.map(({ text }) => `"${text.slice(0, 40)}"`).join(', ')}`
  }

  #refused(attempt: Attempt, device: Device, cause: unknown): void {
    if (!(cause instanceof Refusal)) return
    const { code } = cause.problem
    attempt.outcome = { type: 'refused', code }
    if (code === 'access.denied' && forbiddenTo(device).includes(attempt.room)) return
    if (code === 'id.conflict' && this.#reused.has(attempt.id)) return
    if (code === 'run.busy' && this.workforce.mayRefuse(attempt.room, attempt.text)) return
    if (code === 'message.unknown' && attempt.supersedes !== undefined && !this.#knows(attempt)) return
    this.fault(`${attempt.room} ${attempt.id} of ${device.name} was refused: ${code}`)
  }

  /** Whether the message that is to be replaced is there for certain. */
  #knows({ room, user, supersedes }: Attempt): boolean {
    if (this.forgetful) return false
    const { events } = this.world.witness.of(room)
    return events.some(({ fact, by, id }) => fact.type === 'message.posted' && by.id === user && id === supersedes)
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
  #isOpen({ id, user, device, room, kept, outcome }: Attempt): boolean {
    if (outcome.type !== 'unknown' || device === this.bystander.name) return false
    const devices = this.world.devices.filter((device) => device.user === user)
    return (
      !kept ||
      devices.some(({ outbox }) => outbox.load(user).some((post) => post.id === id)) ||
      devices.some((one) => one.running && one.picture(room).pending.some((post) => post.id === id))
    )
  }

  /** Holds a picture against all that ever entered the log. */
  judge(device: Device, picture: RoomPicture): void {
    const fault = faultOfPicture(this.world.witness, picture)
    if (fault !== undefined) this.fault(`${device.name} ${fault}`)
  }

  #seats(clock: Clock, node: string): readonly Seat[] {
    return this.workforce.seats({
      clock,
      used: (tool, input, context) => this.#used(node, tool, input, context),
      watched: (agent) => this.tellings.watched(agent, node),
    })
  }

  /** What needs approval is done once, wherever, and only with the approval and its beginning in the log. */
  #used(node: string, tool: Tool, input: unknown, { room, call, attempt }: ToolContext): void {
    this.note(`${node} uses ${tool.name} for ${call}, attempt ${attempt}`)
    if (!needsApproval(tool, input)) return
    const wrong = faultOfStart(this.world.witness.of(room).events, call)
    if (wrong !== undefined) this.fault(`${node} makes ${call}, but ${wrong}`)
    if (attempt > 1) return
    if (this.#made.has(call)) this.fault(`${node} makes ${call}, which was made before`)
    this.#made.add(call)
  }

  #overheard(device: Device, frame: string): void {
    this.note(`  → ${device.name}: ${frame}`)
    if (!frame.includes('"events":')) return
    for (const room of forbiddenTo(device))
      if (frame.includes(`"room":"${room}"`)) this.fault(`${device.name} received a page of ${room}`)
  }

  #shown(device: Device, picture: RoomPicture): void {
    const { room, position, pending, messages, progress } = picture
    const key = device.client.room(room)
    const before = this.#positions.get(key)
    if (position !== undefined) this.#positions.set(key, position)
    if (position !== undefined && before?.epoch === position.epoch && position.seq < before.seq)
      this.fault(`${device.name} went back from ${before.seq} to ${position.seq} in ${room}`)
    for (const { id, problem } of pending)
      if (
        !this.#reused.has(id) &&
        problem?.code !== 'run.busy' &&
        messages.some((message) => message.id === id && message.by.id === device.user)
      )
        this.fault(`${device.name} shows ${id} twice in ${room}: as pending and as a message`)
    for (const call of progress.keys())
      if (this.#isIdle(picture, call))
        this.fault(`${device.name} shows progress of ${call} in ${room}, which is not at work`)
    if (this.#checks.odds(SPOT_CHECKS)) this.judge(device, picture)
  }

  /** Whether the call is over in the picture, or nowhere in the log. What it tells of itself may be there before its page. */
  #isIdle({ room, position, tools }: RoomPicture, call: string): boolean {
    const tool = tools.get(call)
    if (tool !== undefined) return isToolOver(tool)
    const { events } = this.world.witness.of(room)
    const called = events.findLast(({ fact }) => fact.type === 'tool.called' && fact.call === call)
    return called === undefined || called.seq <= (position?.seq ?? 0)
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
