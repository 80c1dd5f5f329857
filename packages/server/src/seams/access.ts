// Who somebody is, and what they may do.
import type { Author, RoomId } from '@parley/protocol'

export type Action = 'read' | 'write' | 'run' | 'manage'

/** A user who proved who they are, with what their token grants. */
export interface Actor extends Author {
  /** Room ids or `prefix*`, with what is granted there. Absent: all rooms but other people's sessions. */
  readonly grants?: readonly Grant[]
  /** When the proof ends, ms since 1970. */
  readonly expiresAt?: number
}

export interface Grant {
  readonly room: string
  readonly can: readonly Action[]
}

export interface Access {
  /** The actor of a token. Rejects with a `Refusal` (`auth.invalid`, `auth.expired`). */
  identify(token: string): Promise<Actor>
  /** Somebody without a token, where that is allowed. */
  guest(uuid: string): Actor | undefined
  /** Whether this is allowed at present; the owner of a session room is checked by the engine besides. */
  permit(actor: Actor, action: Action, room: RoomId): boolean | Promise<boolean>
}
