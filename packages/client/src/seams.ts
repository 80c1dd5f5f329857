// What a client takes from outside: a socket, the time, chance, and a token.

export type Stop = () => void

export interface Clock {
  /** Milliseconds since 1970. For stamps only; it may jump. */
  now(): number
  /** Milliseconds on a scale that never jumps. For durations. */
  steady(): number
  /** Runs once, `ms` from now, unless it is stopped before. */
  after(ms: number, run: () => void): Stop
}

export interface Chance {
  /** 0 <= x < 1 */
  float(): number
  /** A random UUID. */
  uuid(): string
}

export interface Socket {
  /** Hands one message over, in order: a text, or bytes that are not changed any more. */
  send(message: string | Uint8Array<ArrayBuffer>): void
  /** Asks for the end. `code` is 1000 or 3000 to 4999, `reason` at most 123 bytes. */
  close(code: number, reason: string): void
}

/** What a socket tells the one who dialled. It is called only after `Dial` has returned. */
export interface SocketListener {
  opened(): void
  received(text: string): void
  /** The last call. Without an `opened` before it, there was no connection. */
  closed(code: number, reason: string): void
}

/** Opens one socket; `protocols` are the WebSocket subprotocols to offer. */
export type Dial = (url: string, protocols: readonly string[], listener: SocketListener) => Socket

/** A user token (a JWT), or where to get a fresh one: asked before each connection and whenever the old one ends. */
export type Token = string | (() => string | Promise<string>)
