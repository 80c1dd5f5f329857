// Who may see how the server is: whoever may manage everything. Guests only where the server is somebody's own.
import { roomId } from '@parley/protocol'
import { GUEST } from './adapters/token-access.ts'
import type { Access, Actor } from './seams/access.ts'

const everything = roomId('*')

/** @param loopback the server listens on the loopback only. */
export function mayOperate(access: Access, loopback: boolean): (actor: Actor) => boolean | Promise<boolean> {
  return (actor) => {
    if (actor.id.startsWith(GUEST)) return loopback
    return everything !== undefined && access.permit(actor, 'manage', everything)
  }
}
