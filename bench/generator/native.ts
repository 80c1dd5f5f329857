// A connection that speaks Parley's native dialect: questions and answers, pages and signals.
import type { Server } from '../server.ts'
import { parley } from '../subjects/parley.ts'
import { enter } from './crowd.ts'
import type { Wire } from './wire.ts'

export type Frame = { readonly [key: string]: unknown }

export class Native {
  readonly wire: Wire
  onPage: (frame: Frame) => void = () => undefined
  onSignals: (frame: Frame) => void = () => undefined
  readonly #waiting = new Map<string, (frame: Frame) => void>()
  #asked = 0

  constructor(wire: Wire) {
    this.wire = wire
    wire.listener = { heard: (bytes, from, to) => this.#hear(JSON.parse(bytes.toString('utf8', from, to))) }
  }

  static async enter(server: Server, user: string): Promise<Native> {
    return new Native(await enter(server, parley.tongue, user))
  }

  /** Resolves with the answer; rejects with the problem. */
  ask(command: object): Promise<Frame> {
    this.#asked += 1
    const ref = String(this.#asked)
    this.wire.send(JSON.stringify({ ...command, ref }))
    return new Promise((resolve, reject) => {
      this.#waiting.set(ref, ({ answer, problem }) =>
        problem === undefined ? resolve(answer as Frame) : reject(new Error(JSON.stringify(problem))),
      )
    })
  }

  /** Resolves when the room's first page is there. */
  async join(room: string, more: object = {}): Promise<void> {
    const page = new Promise<Frame>((resolve) => {
      this.onPage = resolve
    })
    await this.ask({ type: 'join', room, ...more })
    await page
  }

  #hear(frame: Frame): void {
    if (frame.type === 'page') this.onPage(frame)
    else if (frame.type === 'signals') this.onSignals(frame)
    else if (typeof frame.ref === 'string') {
      this.#waiting.get(frame.ref)?.(frame)
      this.#waiting.delete(frame.ref)
    }
  }
}
