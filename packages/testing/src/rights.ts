// Who may do what in a world: a token is a user's name, and everything is allowed that was not taken away.
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

  /** A node's way to ask. Answers take time and end with the node's clock; a token that begins with `!` is bad. */
  access(clock: Clock, chance: Seeded): Access {
    const moment = (): Promise<void> => new Promise((resolve) => clock.after(chance.float() * 3, resolve))
    return {
      identify: async (token) => {
        await moment()
        if (token.startsWith('!')) throw new Refusal('auth.invalid', 'this token is not valid')
        return { id: token, kind: 'user', name: token }
      },
      guest: () => undefined,
      permit: (actor, action, room) => {
        const allowed = this.may(actor.id, action, room)
        return chance.odds(0.5) ? allowed : moment().then(() => this.may(actor.id, action, room))
      },
    }
  }
}
