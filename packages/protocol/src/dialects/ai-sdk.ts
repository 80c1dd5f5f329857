// The dialect of the AI SDK's own `WebSocketChatTransport` (package `ai` 7): each request is a stream of UI message chunks,
// made of what its chat's room tells. Several requests, of several chats, share a connection.
import type { Asked, Misread, Reply } from '../command.ts'
import { readChatFrame } from './ai-sdk-frames.ts'
import {
  type AiSdkMemory,
  abort,
  add,
  began,
  begin,
  enter,
  fail,
  hearPage,
  hearSignals,
  lose,
  runOf,
  sayError,
  turnAway,
} from './ai-sdk-requests.ts'
import { wishOf } from './ai-sdk-wish.ts'
import type { Dialect } from './dialect.ts'

export type { AiSdkMemory } from './ai-sdk-requests.ts'

/**
 * A frame may come before it is known who speaks, and a chat's room depends on that: it is looked at when its turn has
 * come, which is when a ping that stands for it is answered.
 */
function decode(text: string, memory: AiSdkMemory): readonly (Asked | Misread)[] {
  const frame = readChatFrame(text)
  if ('problem' in frame) return [frame]
  const { requestId: ref } = frame
  if (frame.type === 'abort') abort(ref, memory)
  else {
    const wish = frame.type === 'resume' ? ({ type: 'hear' } as const) : wishOf(frame)
    const why = 'code' in wish ? wish : add(ref, frame.id, wish, memory)
    if (why !== undefined) return [{ ref, problem: why }]
  }
  return [{ ref, command: { type: 'ping' } }]
}

function reply(told: Reply, memory: AiSdkMemory): readonly string[] {
  const { ref } = told
  if ('problem' in told) return refused(told, memory)
  const { answer } = told
  switch (answer.type) {
    case 'ping':
      return enter(ref, memory)
    // The AI SDK knows of one answer to a message; where several agents are called, the first of them is heard.
    case 'post':
      return began(ref, answer.calls?.[0]?.run ?? runOf(ref, answer.id, memory), memory)
    case 'regenerate':
      return began(ref, answer.run, memory)
    default:
      return []
  }
}

function refused(
  { ref, command, problem }: Extract<Reply, { problem: object }>,
  memory: AiSdkMemory,
): readonly string[] {
  switch (command.type) {
    case 'ping':
      return turnAway(ref, problem, memory)
    case 'join':
      return lose(command.room, problem, memory)
    case 'approve':
      // Somebody else was faster; what became of it is told all the same.
      return problem.code === 'approval.over' ? [] : fail(ref, problem, memory)
    case 'cancel':
    case 'leave':
      return []
    default:
      return fail(ref, problem, memory)
  }
}

export const aiSdk: Dialect<AiSdkMemory> = {
  name: 'ai-sdk',
  // Its clients keep no position; how much they were told is kept here, beside the picture that it was told of.
  resumes: true,
  shares: false,
  echoes: true,
  takesPieces: false,
  welcomesGuests: true,
  begin,
  opening: () => [],
  decode,
  reply,
  notice(notice, memory) {
    if (notice.type === 'welcome') memory.actor = notice.actor.id
    if (notice.type === 'removed') return lose(notice.room, notice.problem, memory)
    // Where it is about no request, nobody's request is over for that.
    return notice.type === 'problem' ? [sayError(notice.ref ?? '', notice.problem)] : []
  },
  page: (page, _, to) => (to === undefined ? [] : hearPage(page, to.memory)),
  signals: (room, signals, to) => (to === undefined ? [] : hearSignals(room, signals, to.memory)),
  asks: (memory) => memory.asks.splice(0),
}
