// One connection between a client and a node, as both ends see it: they seldom agree on when it ended.
import type { Accept, Hello, Listener, Stop, Transport } from '@parley/server'
import type { VirtualTime } from './clock.ts'
import { Lane, type Parcel } from './lane.ts'
import { flight, type Sky } from './sky.ts'

/** Whoever asked politely waits so long for the other side. */
const CLOSE_TIMEOUT_MS = 2_000
/** The wire's own pings find out after so long that nobody answers. */
const PING_TIMEOUT_MS = 45_000

const lost: Parcel = { type: 'end', code: 1006, reason: '' }

/** What the client's end is told. */
export interface Caller {
  opened(): void
  received(text: string): void
  /** The last call. Without an `opened` before it, the handshake failed. */
  closed(code: number, reason: string): void
}

/** What the client's end may do. */
export interface Call {
  send(message: string | Uint8Array): void
  close(code: number, reason: string): void
  /** Characters handed over that the network has not taken yet. */
  readonly buffered: number
}

export interface PipeOptions {
  readonly time: VirtualTime
  readonly sky: () => Sky
  readonly hello: Hello
  readonly caller: Caller
  /** Who answers at the moment when the call arrives; undefined: nobody does. */
  readonly answers: () => Accept | undefined
  /** Runs when the server's process reads what has arrived. */
  readonly whenAwake: (run: () => void) => void
}

export class Pipe {
  readonly #options: PipeOptions
  readonly #up: Lane
  readonly #down: Lane
  #listener: Listener | undefined
  #server: 'open' | 'closing' | 'over' = 'open'
  #caller: 'open' | 'closing' | 'over' = 'open'
  #unwatch: Stop | undefined

  constructor(options: PipeOptions) {
    const { time, sky, whenAwake } = options
    this.#options = options
    this.#up = new Lane(time, sky, {
      arrived: (parcel) => whenAwake(() => this.#atServer(parcel)),
      drained: () => {},
    })
    this.#down = new Lane(time, sky, {
      arrived: (parcel) => this.#atCaller(parcel),
      drained: () =>
        whenAwake(() => {
          if (this.#server !== 'over') this.#listener?.drained()
        }),
    })
    this.#up.send({ type: 'open' })
    if (sky().frozen) this.#watch()
  }

  /** Neither end hears anything of it any more. */
  get over(): boolean {
    return this.#server === 'over' && this.#caller === 'over'
  }

  /** The client's end. */
  call(): Call {
    const up = this.#up
    return {
      send: (message) => {
        if (this.#caller !== 'open') return
        up.send(typeof message === 'string' ? { type: 'text', text: message } : { type: 'bytes', bytes: message })
      },
      close: (code, reason) => this.#closeFromCaller(code, reason),
      get buffered() {
        return up.buffered
      },
    }
  }

  /** The line breaks: each end learns of it in its own time, after a first part of what was under way to it. */
  cut(): void {
    this.#up.break(lost, this.#flight())
    this.#down.break(lost, this.#flight())
  }

  /** The weather of its line changed. */
  stir(): void {
    if (this.#options.sky().frozen) {
      this.#watch()
      return
    }
    this.#unwatch?.()
    this.#unwatch = undefined
    this.#up.stir()
    this.#down.stir()
  }

  /** The server's process died. Where its whole machine did, nobody tells the client. */
  serverDied(machine: boolean): void {
    this.#server = 'over'
    this.#up.vanish()
    if (machine) this.#down.vanish()
    else this.#down.break(lost, this.#flight())
  }

  /** The client's process died. Where its whole device did, nobody tells the server. */
  callerDied(device: boolean): void {
    this.#caller = 'over'
    this.#down.vanish()
    if (device) {
      this.#up.vanish()
      this.#watch()
    } else this.#up.break({ type: 'end', code: 1001, reason: '' }, this.#flight())
  }

  #atServer(parcel: Parcel): void {
    if (this.#server === 'over') return
    if (parcel.type === 'open') this.#answer()
    else if (parcel.type === 'text') this.#listener?.received(parcel.text)
    else if (parcel.type === 'bytes') this.#readBytes(parcel.bytes)
    else this.#tellServer(parcel.code, parcel.reason)
  }

  #readBytes(bytes: Uint8Array): void {
    if (this.#listener?.receivedBytes(bytes) === false)
      this.#tellServer(1003, 'binary messages are not understood here')
  }

  #answer(): void {
    const { sky, answers, hello } = this.#options
    const accept = sky().down || sky().chance.odds(sky().refused) ? undefined : answers()
    if (accept === undefined) {
      this.#server = 'over'
      this.#down.break(lost, this.#flight())
    } else {
      this.#down.send({ type: 'open' })
      this.#listener = accept(this.#transport(), hello)
    }
  }

  #atCaller(parcel: Parcel): void {
    if (this.#caller === 'over') return
    if (parcel.type === 'end') this.#tellCaller(parcel.code, parcel.reason)
    else if (this.#caller === 'closing') return
    else if (parcel.type === 'open') this.#options.caller.opened()
    else if (parcel.type === 'text') this.#options.caller.received(parcel.text)
  }

  #transport(): Transport {
    const down = this.#down
    return {
      send: (frame) => {
        if (this.#server === 'open') for (const text of frame.texts) down.send({ type: 'text', text })
      },
      close: (code, reason) => {
        if (this.#server !== 'open') return
        this.#server = 'closing'
        down.send({ type: 'end', code, reason })
        this.#options.time.after(CLOSE_TIMEOUT_MS, () => this.#giveUp())
      },
      get buffered() {
        return down.buffered
      },
    }
  }

  #closeFromCaller(code: number, reason: string): void {
    if (this.#caller !== 'open') return
    this.#caller = 'closing'
    this.#up.send({ type: 'end', code, reason })
    this.#options.time.after(CLOSE_TIMEOUT_MS, () => this.#tellCaller(1006, ''))
  }

  /** Who hears of the end says so in turn, unless they asked for it. */
  #tellServer(code: number, reason: string): void {
    if (this.#server === 'over') return
    if (this.#server === 'open') this.#down.send({ type: 'end', code, reason })
    this.#server = 'over'
    this.#unwatch?.()
    this.#listener?.closed(code, reason)
  }

  #tellCaller(code: number, reason: string): void {
    if (this.#caller === 'over') return
    if (this.#caller === 'open') this.#up.send({ type: 'end', code, reason })
    this.#caller = 'over'
    this.#options.caller.closed(code, reason)
  }

  /** The server has waited for too long. */
  #giveUp(): void {
    if (this.#server === 'over') return
    this.#up.vanish()
    this.#down.break(lost, this.#flight())
    this.#tellServer(1006, '')
  }

  #watch(): void {
    this.#unwatch ??= this.#options.time.after(PING_TIMEOUT_MS, () => this.#giveUp())
  }

  #flight(): number {
    return flight(this.#options.sky())
  }
}
