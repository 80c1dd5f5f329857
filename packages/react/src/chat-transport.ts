// Chats of the AI SDK over a Parley client: what is wanted becomes posts, and the room's pictures become chunks.
import { type Client, type Room, type RoomPicture, type Stop, systemChance } from '@parley/client'
import {
  answerOf,
  chatRoom,
  type Deed,
  deedOf,
  nothingTold,
  type Part,
  type Problem,
  problem,
  problems,
  Refusal,
  type RunId,
  type SentPart,
  type Told,
  tellAnswer,
  type Wish,
  wishOf,
} from '@parley/protocol'
import type { ChatTransport, UIMessage, UIMessageChunk } from 'ai'

/** Which run to follow, and how much of its answer the chat has already. */
type Followed = Required<Deed>['follows']

/** How a room is kept joined: somebody sees its pictures. */
const seen = (): void => undefined

export function chatTransport<M extends UIMessage>(client: Client): ChatTransport<M> {
  return {
    resumeStreamIsReplay: true,
    async sendMessages({ chatId, trigger, messageId, messages, abortSignal }) {
      const wish = wishOf({ trigger, messageId, messages })
      if ('code' in wish) throw refusal(wish)
      return (await answerTo(client, chatId, wish, abortSignal)) ?? noAnswer()
    },
    reconnectToStream: ({ chatId, abortSignal }) => answerTo(client, chatId, { type: 'hear' }, abortSignal),
  }
}

/** Null where nothing is going on. Rejects with a `Refusal`, and with the signal's reason once that has aborted. */
async function answerTo(
  client: Client,
  chat: string,
  wish: Wish,
  signal: AbortSignal | undefined,
): Promise<ReadableStream<UIMessageChunk> | null> {
  signal?.throwIfAborted()
  const actor = await actorOf(client, signal)
  const room = client.room(chatRoom(actor, chat))
  const leave = room.subscribe(seen)
  try {
    const deed = deedOf(wish, await pictureOf(room, signal), actor, systemChance.uuid())
    if ('code' in deed) throw refusal(deed)
    const followed = await done(room, deed, actor, signal)
    return followed === undefined ? null : streamOf(room, followed, signal)
  } finally {
    // Whoever follows has subscribed by now; a room that is left stays joined for some seconds besides.
    leave()
  }
}

/** Does what has to be done. A run that it sets going for nobody any more is stopped. */
async function done(
  room: Room,
  { asks, follows }: Deed,
  actor: string,
  signal: AbortSignal | undefined,
): Promise<Followed | undefined> {
  let run: RunId | undefined = follows?.run
  for (const ask of asks) {
    if (ask.type === 'approve') await decided(room.approve(ask.call, ask.approved, ask.reason))
    else if (ask.type === 'regenerate') run = await room.regenerate(ask.run)
    else {
      const { parts, id, room: _, type: __, ...options } = ask
      const posted = await room.post(await whole(room, parts, signal), { id, ...options })
      run = posted.calls?.[0]?.run ?? (await beganFor(room, `${actor}/${id}`, posted.position.seq, signal))
    }
  }
  if (run === undefined || !signal?.aborted)
    return run === undefined ? undefined : { told: nothingTold, ...follows, run }
  stop(room, run)
  throw signal.reason
}

/** What came with the message itself, as files of their own: they may be larger than one message. */
function whole(room: Room, parts: readonly SentPart[], signal: AbortSignal | undefined): Promise<readonly Part[]> {
  const files = signal === undefined ? {} : { signal }
  const uploaded = async (part: SentPart): Promise<Part> => {
    if ('base64' in part) {
      const bytes = Uint8Array.from(atob(part.base64), (character) => character.charCodeAt(0))
      const { attachment } = await room.upload(bytes, { name: part.name, ...files })
      return { type: part.type, attachment }
    }
    if (!('attachment' in part)) return part
    // Of a file that is there already its id is enough.
    return { type: part.type, attachment: { name: '', mediaType: '', size: 0, sha256: '', ...part.attachment } }
  }
  return Promise.all(parts.map(uploaded))
}

/** Somebody else may have been faster: what became of it is told all the same. */
async function decided(approving: Promise<void>): Promise<void> {
  try {
    await approving
  } catch (cause) {
    if (!(cause instanceof Refusal) || cause.problem.code !== 'approval.over') throw cause
  }
}

/** The answer as it is told, to its end. Aborting it stops the run; a stream that is let go of does not. */
function streamOf(
  room: Room,
  { run, told }: Followed,
  signal: AbortSignal | undefined,
): ReadableStream<UIMessageChunk> {
  let leave: Stop = seen
  return new ReadableStream<UIMessageChunk>({
    start(controller) {
      let known: Told = told
      const end = (): void => {
        leave()
        signal?.removeEventListener('abort', abort)
        controller.close()
      }
      const abort = (): void => {
        stop(room, run)
        end()
      }
      const fail = (why: Problem): void => {
        known = { ...known, done: true }
        leave()
        signal?.removeEventListener('abort', abort)
        controller.error(refusal(why))
      }
      const look = (picture: RoomPicture): void => {
        if (known.done) return
        if (isHopeless(picture.problem)) return fail(picture.problem)
        const answer = answerOf(picture, run, picture.progress)
        if (answer === undefined && known.started) return fail(problem('run.over', 'the answer is not there any more'))
        if (answer === undefined) return
        const next = tellAnswer(known, answer)
        known = next.told
        for (const chunk of next.chunks) controller.enqueue(chunk)
        if (known.done) end()
      }
      signal?.addEventListener('abort', abort, { once: true })
      leave = room.subscribe(look)
      look(room.timeline)
    },
    cancel: () => leave(),
  })
}

/** Nobody waits for the outcome: it is seen in the room. */
function stop(room: Room, run: RunId): void {
  room.cancel(run).catch(seen)
}

function noAnswer(): ReadableStream<UIMessageChunk> {
  return new ReadableStream({ start: (controller) => controller.close() })
}

/** Who speaks; waits for the connection. */
async function actorOf(client: Client, signal: AbortSignal | undefined): Promise<string> {
  if (client.status === 'idle') client.reconnect()
  return until(client.subscribe, signal, () => {
    const { actor, status, problem } = client.state
    if (actor === undefined && status === 'closed') throw problem === undefined ? closed() : refusal(problem)
    return actor?.id
  })
}

/** The room as it is, once it is heard. */
function pictureOf(room: Room, signal: AbortSignal | undefined): Promise<RoomPicture> {
  return until(room.subscribe, signal, () => {
    const { timeline } = room
    if (isHopeless(timeline.problem)) throw refusal(timeline.problem)
    return timeline.joined && timeline.position !== undefined ? timeline : undefined
  })
}

/** The run that a message has set going, where its answer did not say so: undefined when none was. */
async function beganFor(
  room: Room,
  cause: string,
  seq: number,
  signal: AbortSignal | undefined,
): Promise<RunId | undefined> {
  const runs = await until(room.subscribe, signal, () => {
    const { position, runs } = room.timeline
    return position !== undefined && position.seq >= seq ? [...runs.values()] : undefined
  })
  return runs.findLast((run) => run.cause === cause)?.id
}

/** What `look` finds, as soon as it finds something: now, or after a change. */
function until<T>(
  subscribe: (see: () => void) => Stop,
  signal: AbortSignal | undefined,
  look: () => T | undefined,
): Promise<T> {
  if (signal?.aborted) return Promise.reject(signal.reason)
  return new Promise((resolve, reject) => {
    let leave: Stop = seen
    const end = (): void => {
      leave()
      signal?.removeEventListener('abort', abort)
    }
    const abort = (): void => {
      end()
      reject(signal?.reason)
    }
    const see = (): void => {
      try {
        const found = look()
        if (found === undefined) return
        end()
        resolve(found)
      } catch (cause) {
        end()
        reject(cause)
      }
    }
    signal?.addEventListener('abort', abort, { once: true })
    leave = subscribe(see)
    see()
  })
}

/** Whether waiting does not help. */
function isHopeless(why: Problem | undefined): why is Problem {
  return why !== undefined && problems[why.code].retry === 'never'
}

function refusal({ code, message, ...more }: Problem): Refusal {
  return new Refusal(code, message, more)
}

function closed(): Error {
  return new Error('the client was closed')
}
