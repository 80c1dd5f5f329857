// One open pipe to a client. The engine sees nothing else of sockets.

/** One or more texts, each one message on the wire, sent to any number of transports. */
export class Frame {
  readonly texts: readonly string[]
  /** What a transport made of the texts; kept here so that it is made once. */
  wire: Uint8Array | undefined

  constructor(texts: readonly string[]) {
    this.texts = texts
  }
}

export interface Transport {
  /** Hands the frame over, in order. After the end it does nothing. */
  send(frame: Frame): void
  /** Ends it from this side: asks politely and cuts the line if that takes more than two seconds. */
  close(code: number, reason: string): void
  /** Bytes handed over that the network has not taken yet. */
  readonly buffered: number
}

/** What a transport tells the one who accepted it. */
export interface Listener {
  received(text: string): void
  /** A binary message, whose bytes are not to be changed any more. False: none is understood here, and the line is to be cut with 1003. */
  receivedBytes(bytes: Uint8Array): boolean
  /** After somebody saw that `buffered` had grown: it is small again. */
  drained(): void
  /** The last call. */
  closed(code: number, reason: string): void
}

/** What is known of a connection when it opens. */
export interface Hello {
  readonly dialect: string
  readonly token?: string
  readonly params: ReadonlyMap<string, string>
  /** Where it comes from, for limits: an address without port. */
  readonly address: string
  readonly origin?: string
}

/** Returns its listener at once, so that no early frame is lost. */
export type Accept = (transport: Transport, hello: Hello) => Listener
