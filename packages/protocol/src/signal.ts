// Signals: what is true only for the moment. Told to who listens, the latest of its kind alone, and never kept.
import type { Author, Json, RunId } from './words.ts'

/** How far a tool has come. */
export interface ToolProgress {
  readonly type: 'tool.progress'
  readonly run: RunId
  readonly call: string
  /** 0 to 1. */
  readonly fraction?: number
  /** Step `step` of `steps`, from 1. */
  readonly step?: number
  readonly steps?: number
  /** What it is doing, in words for the user. */
  readonly text?: string
}

/** Somebody is here, on at least one device, or has left. */
export interface Presence {
  readonly type: 'presence'
  readonly user: Author
  readonly here: boolean
  /** What they say of themselves, at most 1,024 characters of JSON. */
  readonly state?: Json
}

/** How many people are here, in a room where there are too many to tell of each. */
export interface Crowd {
  readonly type: 'presence.count'
  readonly count: number
}

/** Somebody writes, or has stopped. Who says nothing more for some seconds has stopped. */
export interface Typing {
  readonly type: 'typing'
  readonly user: Author
  readonly on: boolean
}

/** Somebody has read everything up to and including `seq`. Kept by the server, beside the log. */
export interface ReadMark {
  readonly type: 'read'
  readonly user: string
  readonly seq: number
}

/** How the server is. */
export interface Health {
  readonly type: 'health'
  readonly status: 'ok' | 'busy' | 'failing'
  readonly metrics: { readonly [name: string]: number }
}

export type Signal = ToolProgress | Presence | Crowd | Typing | ReadMark

/** Signals with the same key say the same thing at different moments: only the latest matters. */
export function signalKey(signal: Signal): string {
  switch (signal.type) {
    case 'tool.progress':
      return `${signal.type}/${signal.call}`
    case 'presence':
    case 'typing':
      return `${signal.type}/${signal.user.id}`
    case 'presence.count':
      return signal.type
    case 'read':
      return `${signal.type}/${signal.user}`
  }
}
