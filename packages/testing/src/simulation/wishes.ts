// What people wished for besides posts: decisions, and answers made anew; and whether what they were told of it is true.
import { Refusal, type RoomId, type RunId, type Tool } from '@parley/protocol'
import type { Device } from '../device.ts'
import { idOf } from '../world.ts'
import { openTo } from './cast.ts'
import type { Simulation } from './simulation.ts'

interface Decision {
  readonly room: RoomId
  readonly call: string
  readonly user: string
  readonly approved: boolean
}

interface Again {
  readonly room: RoomId
  /** The run whose answer is to be made anew. */
  readonly old: RunId
  /** The new one, once it is known. */
  run?: RunId
}

/** How often somebody looks, at the end of a schedule, for what nobody has decided, and how long that may take them. */
const LOOK_MS = 5_000
const DILIGENCE = 0.5

export class Wishes {
  readonly #here: Simulation
  readonly #decided: Decision[] = []
  readonly #again: Again[] = []

  constructor(here: Simulation) {
    this.#here = here
  }

  decide(device: Device, room: string, { call, name }: Tool, approved: boolean): string {
    const { chance } = this.#here
    const wish = device.room(room).approve(call, approved, chance.odds(0.3) ? 'because' : undefined)
    this.#here.expectRefusal(wish, ['approval.over', 'access.denied', 'storage.unavailable'])
    const decision = { room: idOf(room), call, user: device.user, approved }
    wish.then(
      () => this.#decided.push(decision),
      () => undefined,
    )
    return `${device.name} ${approved ? 'allows' : 'denies'} ${name} ${call} in ${room}`
  }

  regenerate(device: Device, room: string, old: RunId): string {
    const again: Again = { room: idOf(room), old }
    this.#again.push(again)
    const wish = device.room(room).regenerate(old)
    const codes = [
      'run.over',
      'access.denied',
      'storage.unavailable',
      'message.unknown',
      'server.leaving',
      'room.unknown',
    ]
    this.#here.expectRefusal(wish, codes)
    wish.then(
      (run) => {
        again.run = run
      },
      () => undefined,
    )
    return `${device.name} wants ${old} anew in ${room}`
  }

  /** From now on somebody decides in the end what nobody has decided, and goes where that is waited for. */
  attend(): void {
    this.#here.world.time.after(LOOK_MS, () => {
      const asked = [...this.#here.world.witness.open].filter((span) => span.includes(' approval/'))
      for (const room of new Set(asked.map((span) => span.slice(0, span.indexOf(' '))))) this.#attend(room)
      this.attend()
    })
  }

  #attend(room: string): void {
    const devices = this.#here.world.devices.filter((device) => device.running && openTo(device).includes(room))
    const present = devices.filter((device) => device.watching.includes(room))
    if (present.length === 0) devices[0]?.watch(room)
    for (const device of present) this.#look(device, room)
  }

  #look(device: Device, room: string): void {
    const { chance } = this.#here
    for (const tool of device.picture(room).tools.values())
      if (tool.state === 'asking' && chance.odds(DILIGENCE))
        this.#here.note(this.decide(device, room, tool, chance.odds(0.5)))
  }

  faults(): string[] {
    const { witness } = this.#here.world
    const faults = this.#decided.flatMap(({ room, call, user, approved }) => {
      const stands = witness.of(room).events.some(({ fact }) => {
        const isDecision = fact.type === 'approval.given' && fact.call === call
        return isDecision && fact.approved === approved && fact.user?.id === user
      })
      return stands
        ? []
        : [`${room}: ${user} was told that ${call} is ${approved ? 'allowed' : 'denied'}, which is not so`]
    })
    return [...faults, ...this.#faultsOfAgain()]
  }

  #faultsOfAgain(): string[] {
    const faults: string[] = []
    for (const [old, wishes] of Map.groupBy(this.#again, ({ old }) => old)) {
      const { room = idOf('lobby') } = wishes[0] ?? {}
      const runs = this.#here.world.witness.of(room).events.flatMap(({ fact }) => {
        return fact.type === 'run.started' && fact.supersedes === old ? [fact.run] : []
      })
      if (runs.length > wishes.length) faults.push(`${room}: ${old} was answered anew ${runs.length} times`)
      for (const { run } of wishes)
        if (run !== undefined && !runs.includes(run)) faults.push(`${room}: ${run} should answer ${old} anew`)
    }
    return faults
  }
}

export function isRefusal(cause: unknown, codes: readonly string[]): boolean {
  return cause instanceof Refusal && codes.includes(cause.problem.code)
}
