// Who may do what in a world: a token is a user's name, perhaps with an end, and everything is allowed that was not taken away.
import { Refusal, type RoomId } from '@parley/protocol'
import type { Access, Action, Clock } from '@parley/server'
import type { Seeded } from './chance.ts'

export class Rights {
  readonly #denied = new Set<string>()

  deny(user: string, action: Action, room: RoomId): void {
    this.#denied.add(`${user} ${action} ${room}`)
  }

  restore(user: string, action: Action, room: RoomId): void {
    this.#denied.delete(`${user} ${action} ${room}`)
  }

  may(user: string, action: Action, room: RoomId): boolean {
    return !this.#denied.has(`${user} ${action} ${room}`)
  }

  /** A token of this user that is good until `until`, ms since 1970. */
  token(user: string, until: number): string {
    return `${user}~${until}`
  }

  /** A node's way to ask. Answers take time and end with the node's clock; a token that begins with `-` is bad. */
  access(clock: Clock, chance: Seeded): Access {
    const moment = (): Promise<void> => new Promise((resolve) => clock.after(chance.float() * 3, resolve))
    return {
      identify: async (token) => {
        await moment()
        const [id = '', until] = token.split('~')
        if (id === '' || id.startsWith('-')) throw new Refusal('auth.invalid', 'this token is not valid')
        if (until === undefined) return { id, kind: 'user', name: id }
        const expiresAt = Number(until)
        if (expiresAt <= clock.now()) throw new Refusal('auth.expired', 'this token has expired')
        return { id, kind: 'user', name: id, expiresAt }
      },
      guest: () => undefined,
      permit: (actor, action, room) => {
        const allowed = this.may(actor.id, action, room)
        return chance.odds(0.5) ? allowed : moment().then(() => this.may(actor.id, action, room))
      },
    }
  }
}
