// The shortest way to the network: a TCP socket that has nothing waiting is written to by its descriptor, past its stream.
import { writeSync } from 'node:fs'
import type { Socket } from 'node:net'

/** What Node keeps below a TCP socket: gone from the socket before its descriptor is closed. */
interface Handle {
  readonly fd?: number
}

interface Below {
  readonly _handle?: Handle | null
  readonly encrypted?: boolean
}

export class DirectWrite {
  readonly #socket: Socket & Below
  readonly #handle: Handle | undefined
  readonly #fd: number
  #bytes = 0

  constructor(socket: Socket & Below) {
    this.#socket = socket
    const { _handle: handle, encrypted = false } = socket
    const fd = encrypted ? undefined : handle?.fd
    this.#fd = fd ?? -1
    this.#handle = this.#fd >= 0 ? (handle ?? undefined) : undefined
  }

  /** Bytes that went out so. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * Writes what the network takes at once; returns how much that was. None where something waits already, where there is no
   * descriptor (TLS, other platforms), or where the socket is broken: its stream finds out why.
   */
  write(bytes: Uint8Array): number {
    const socket = this.#socket
    // A descriptor that was closed may be somebody else's by now: it is used only while the socket has the handle that it is of.
    if (this.#handle === undefined || socket._handle !== this.#handle || socket.destroyed) return 0
    if (socket.writableLength > 0) return 0
    try {
      const written = writeSync(this.#fd, bytes)
      this.#bytes += written
      return written
    } catch {
      return 0
    }
  }
}
