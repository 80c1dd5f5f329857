// Follows a room beside the client: joins it over each socket that the client opens, and keeps nothing of it but the place.
import type { Dial, Socket } from '@parley/client'
import { isFields, isProblem, type Page, type Position, type Problem, problems, type RoomId } from '@parley/protocol'

/** Where to begin: with the last events, with the first that is kept, or after a position. */
export type Beginning = { readonly last: number } | { readonly first: true } | { readonly after: Position }

export interface Follower {
  /** Pages follow each other without gap and overlap, over all sockets; one with `reset` begins anew. */
  page(page: Page): void
  /** The room may not be heard, and asking again will not help. */
  refused(why: Problem): void
}

type Frame = { readonly [key: string]: unknown }

/** A room that refuses for now is asked again after this time. */
const ASK_AGAIN_MS = 1_000

export class Follow {
  readonly #room: RoomId
  readonly #beginning: Beginning
  readonly #follower: Follower
  /** Everything up to here was told. */
  #at: Position | undefined
  #socket: Socket | undefined
  /** Of the last join; a reply to an earlier one means nothing. */
  #ref = ''
  #joins = 0
  #joined = false
  #again: NodeJS.Timeout | undefined

  constructor(room: RoomId, beginning: Beginning, follower: Follower) {
    this.#room = room
    this.#beginning = beginning
    this.#follower = follower
    this.#at = 'after' in beginning ? beginning.after : undefined
  }

  /** The same dial; each of its sockets tells of the room besides. What is received goes to the client as well. */
  over(dial: Dial): Dial {
    return (url, protocols, listener) => {
      const socket = dial(url, protocols, {
        opened: () => listener.opened(),
        received: (text) => {
          listener.received(text)
          this.#received(readFrame(text), socket)
        },
        closed: (code, reason) => {
          if (socket === this.#socket) this.#leave()
          listener.closed(code, reason)
        },
      })
      return socket
    }
  }

  #received(frame: Frame, socket: Socket): void {
    if (frame.type === 'welcome') {
      this.#leave()
      this.#socket = socket
      this.#join()
    }
    if (socket !== this.#socket) return
    if (frame.type === 'reply' && frame.ref === this.#ref) this.#answered(frame)
    else if (frame.type === 'page' && this.#joined && isPageOf(this.#room, frame.page)) this.#page(frame.page)
    else if (frame.type === 'removed' && frame.room === this.#room) this.#refused(frame.problem)
  }

  #leave(): void {
    clearTimeout(this.#again)
    this.#socket = undefined
    this.#joined = false
  }

  #join(): void {
    const history = 'last' in this.#beginning ? this.#beginning.last : 0
    const from = this.#at === undefined ? { history } : { at: this.#at }
    this.#joined = false
    this.#joins += 1
    this.#ref = `follow-${this.#joins}`
    this.#socket?.send(JSON.stringify({ type: 'join', ref: this.#ref, room: this.#room, ...from }))
  }

  #answered({ answer, problem }: Frame): void {
    const head = isFields(answer) ? positionOf(answer.position) : undefined
    if (head === undefined) return this.#refused(problem)
    const begins = this.#at === undefined
    // With the epoch known, the place can be asked for by name.
    if ('first' in this.#beginning) this.#at ??= { ...head, seq: 0 }
    else if ('last' in this.#beginning && this.#beginning.last === 0) this.#at ??= head
    if (begins && this.#at !== undefined) return this.#join()
    // An empty room has no page to begin with.
    if (head.seq === 0) this.#at ??= head
    this.#joined = true
  }

  #page(page: Page): void {
    const at = this.#at
    const follows = at === undefined ? page.after === 0 : page.epoch === at.epoch && page.after <= at.seq
    if (page.reset === undefined && !follows) return this.#join()
    this.#at = { epoch: page.epoch, seq: page.upTo }
    this.#follower.page(page.reset === undefined && at !== undefined ? beyond(page, at.seq) : page)
  }

  #refused(problem: unknown): void {
    if (!isFields(problem) || !isProblem(problem)) return
    this.#joined = false
    if (problems[problem.code].retry === 'never') return this.#follower.refused(problem)
    this.#again = setTimeout(() => this.#join(), problem.retryAfterMs ?? ASK_AGAIN_MS)
  }
}

function readFrame(text: string): Frame {
  try {
    const frame: unknown = JSON.parse(text)
    return isFields(frame) ? frame : {}
  } catch {
    // The client ends a connection that speaks no JSON.
    return {}
  }
}

function positionOf(value: unknown): Position | undefined {
  if (!isFields(value) || typeof value.epoch !== 'string' || typeof value.seq !== 'number') return undefined
  return { epoch: value.epoch, seq: value.seq }
}

/** The client ends a connection whose pages are not what they must be; this tells no more than whose page it is. */
function isPageOf(room: RoomId, value: unknown): value is Page {
  return isFields(value) && value.room === room && Array.isArray(value.events) && typeof value.upTo === 'number'
}

/** What the page tells of the time after `seq`. */
function beyond(page: Page, seq: number): Page {
  if (page.after >= seq) return page
  return { ...page, after: seq, events: page.events.filter((event) => event.seq > seq) }
}
