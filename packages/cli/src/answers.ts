// The answers to what was said: which there are, what they say so far, and when they are over.
import { setTimeout } from 'node:timers/promises'
import type { Room, RoomPicture } from '@parley/client'
import {
  type Attachment,
  attachmentsOf,
  type Message,
  messageKey,
  type Part,
  type Position,
  type Run,
  textOf,
} from '@parley/protocol'

/** Something that is in the log. */
export interface Said {
  /** Key of the message. */
  readonly key: string
  readonly position: Position
}

/** The answer of one run. */
export interface Answer {
  readonly run: Run
  readonly message: Message | undefined
}

/** Says it; resolves when it is in the log for good. */
export async function say(room: Room, said: string | readonly Part[], me: () => string, id?: string): Promise<Said> {
  const posted = await room.post(said, id === undefined ? {} : { id })
  return { key: messageKey(me(), posted.id), position: posted.position }
}

/** In the order in which they began: the runs that it began, and those at work that it was given to. */
export function answersTo({ runs, messages }: RoomPicture, key: string): readonly Answer[] {
  return [...runs.values()]
    .filter((run) => run.cause === key || run.steeredBy?.includes(key))
    .map((run) => ({ run, message: messages.findLast((message) => message.run === run.id) }))
}

export function isOver({ run, message }: Answer): boolean {
  return run.state !== 'running' && run.state !== 'cancelling' && message?.state !== 'streaming'
}

/** What was said in an answer. */
export function words({ message }: Answer): string {
  return message === undefined ? '' : textOf(message.parts)
}

/** What was given in an answer besides. */
export function filesIn({ message }: Answer): readonly Attachment[] {
  return message === undefined ? [] : attachmentsOf(message.parts)
}

/** The beginnings of answers are written together with what they answer; this allows for their way here. */
const SILENCE_MS = 300

/** Resolves when all answers are over; with none where nobody answers. */
export async function answered(room: Room, said: readonly Said[]): Promise<readonly Answer[]> {
  await inRoom(room, (picture) => said.every(({ position }) => tellsOf(picture, position)) || undefined)
  if (said.some(({ key }) => answersTo(room.timeline, key).length === 0)) await setTimeout(SILENCE_MS)
  return inRoom(room, (picture) => {
    const answers = said.flatMap(({ key }) => answersTo(picture, key))
    return answers.every(isOver) ? answers : undefined
  })
}

/** A log that was replaced tells of it no more. */
function tellsOf({ position }: RoomPicture, { epoch, seq }: Position): boolean {
  return position !== undefined && (position.epoch !== epoch || position.seq >= seq)
}

/** Resolves with the first thing that `look` finds in the room's picture, now or later. */
export function inRoom<T>(room: Room, look: (picture: RoomPicture) => T | undefined): Promise<T> {
  const { promise, resolve } = Promise.withResolvers<T>()
  const stop = watch(room, (picture) => {
    const found = look(picture)
    if (found !== undefined) resolve(found)
  })
  return promise.finally(stop)
}

/** Sees the room's picture as it is, and each that follows. */
export function watch(room: Room, see: (picture: RoomPicture) => void): () => void {
  const stop = room.subscribe(see)
  see(room.timeline)
  return stop
}
