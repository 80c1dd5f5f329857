// A server that is measured, and how one talks to it.
import type { Wire } from '../generator/wire.ts'

export interface Tongue {
  /** Where a user knocks. */
  door(user: string): { readonly path: string; readonly protocols: readonly string[] }
  /** Resolves when the server has taken a new connection in. */
  greet(wire: Wire): Promise<void>
  /** Resolves when the connection is in the room and has heard what is said about it at first. */
  join(wire: Wire, room: string): Promise<void>
  /** A message for everybody in the room, its sender too. */
  publish(room: string, text: string): string
  /** A message of which only its sender hears, by an answer with the same stamp. */
  echo(room: string, stamp: string, text: string): string
  /** Asks for `pieces` stamped pieces, one every `everyMs`. */
  stream(room: string, everyMs: number, pieces: number): string
  /** What only the end of such a stream says. */
  readonly streamEnd: string
}

export interface Subject {
  readonly name: string
  /** What it is and does at this work, and what it leaves. */
  readonly about: string
  readonly tongue: Tongue
  /** Once for all rounds, with the folder of them all: returns why it cannot be measured here, undefined where it can. */
  prepare(folder: string): string | undefined
  version(): string
  /** Rejects where it refused to do some of its work. */
  check?(port: number): Promise<void>
  /** Program and arguments. It says its URL on standard output when it is ready. */
  command(need: Need, folder: string): readonly string[]
}

/** An ordinary server, or one that streams answers by itself. */
export type Need = 'relay' | 'agent'
