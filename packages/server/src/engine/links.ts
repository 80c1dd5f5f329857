// Links to files: who asked for one, until when it is good, and a signature. Nothing is remembered of them.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { isFields } from '@parley/protocol'
import type { Actor } from '../seams/access.ts'
import type { Clock } from '../seams/clock.ts'

const LINK_MS = 5 * 60_000

export class Links {
  readonly #secret: string
  readonly #clock: Clock

  constructor(secret: string, clock: Clock) {
    this.#secret = secret
    this.#clock = clock
  }

  make(actor: Actor, file: string): { readonly url: string; readonly expiresAt: number } {
    const now = this.#clock.now()
    const expiresAt = Math.min(now + LINK_MS, actor.expiresAt ?? Number.POSITIVE_INFINITY)
    const said = Buffer.from(JSON.stringify({ actor, file, expiresAt })).toString('base64url')
    return { url: `/api/attachments/${file}?link=${said}.${this.#sign(said)}`, expiresAt }
  }

  /** Who asked for the link to this file; undefined where it is not good, or not any more. */
  actorOf(link: string, file: string): Actor | undefined {
    const dot = link.lastIndexOf('.')
    const said = link.slice(0, Math.max(dot, 0))
    const given = Buffer.from(link.slice(dot + 1))
    const right = Buffer.from(this.#sign(said))
    if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined
    // Signed by this server: it is what `make` wrote.
    const read: unknown = JSON.parse(Buffer.from(said, 'base64url').toString('utf8'))
    if (!isFields(read) || read.file !== file || Number(read.expiresAt) <= this.#clock.now()) return undefined
    return read.actor as Actor
  }

  #sign(said: string): string {
    return createHmac('sha256', this.#secret).update(said).digest('base64url')
  }
}
