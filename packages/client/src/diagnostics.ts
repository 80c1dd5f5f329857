// What a connection has been through, in numbers.
export interface Diagnostics {
  readonly framesIn: number
  readonly framesOut: number
  /** Times the connection was lost or could not be made, and was tried again. */
  readonly reconnects: number
  /** Times a room had to be shown anew, because its log could not tell what followed. */
  readonly resets: number
  /** Frames that meant nothing here: of a later version, or about nothing that was asked. */
  readonly ignoredFrames: number
  /** Posts that the outbox store could not keep: they would not survive the end of this process. */
  readonly unkept: number
  /** The latest measured round trip. */
  readonly roundTripMs?: number
}

export type Counters = { -readonly [name in Exclude<keyof Diagnostics, 'roundTripMs'>]: number }

export function noCounts(): Counters {
  return { framesIn: 0, framesOut: 0, reconnects: 0, resets: 0, ignoredFrames: 0, unkept: 0 }
}
