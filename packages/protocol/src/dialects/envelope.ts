// The envelope dialect: `{type, payload, timestamp, messageId, priority?}`, for clients that know rooms and messages by name.
import type { Answer, Notice, Reply } from '../command.ts'
import { type Event, isAttached, messageKey, type Part, partsOfKey, type Task, textOf } from '../event.ts'
import type { Page } from '../page.ts'
import { type Problem, problems } from '../problem.ts'
import type { Signal } from '../signal.ts'
import type { Author, Priority, RoomId } from '../words.ts'
import type { Dialect, Heard, Listener } from './dialect.ts'
import { decode, type EnvelopeMemory, postKey } from './envelope-commands.ts'
import { attachmentOf, begunOf, metadataOf } from './envelope-files.ts'
import { pieceOf, restOf } from './flow.ts'

const DEFAULT_PRIORITY = 2

function say(type: string, payload: object, at: number, id: string, priority: Priority = DEFAULT_PRIORITY): string {
  return JSON.stringify({ type, payload, timestamp: at, messageId: id, priority })
}

function errorPayload(why: Problem, ref?: string): object {
  const { number, retry, advice } = problems[why.code]
  return {
    code: String(number),
    message: why.message,
    details: {
      problem: why.code,
      retry,
      advice,
      ...why.details,
      ...(why.retryAfterMs === undefined ? {} : { retryAfterMs: why.retryAfterMs }),
      ...(ref === undefined ? {} : { messageId: ref }),
    },
  }
}

function sayError(why: Problem, ref: string | undefined, { greeting }: EnvelopeMemory): string {
  return say('error', errorPayload(why, ref), greeting.now(), greeting.uuid(), 1)
}

function taskPayload(roomId: RoomId, task: Task): object {
  const { id: taskId, assignee: assigneeId, ...rest } = task
  return { taskId, roomId, ...rest, ...(assigneeId === undefined ? {} : { assigneeId }) }
}

function personOf({ id, name, kind }: Author): object {
  return { userId: id, kind, ...(name === undefined ? {} : { name }) }
}

function sayAnswer(answer: Answer, memory: EnvelopeMemory): string {
  const { greeting } = memory
  const now = greeting.now()
  const tell = (type: string, payload: object): string => say(type, payload, now, greeting.uuid())
  switch (answer.type) {
    case 'join':
      return tell('roomJoined', {
        roomId: answer.room,
        members: answer.members.map(personOf),
        position: answer.position,
      })
    case 'leave':
      return tell('roomLeft', { roomId: answer.room })
    case 'post':
      return tell('messageReceived', {
        messageId: answer.id,
        roomId: answer.room,
        senderId: memory.actor,
        timestamp: answer.at,
        runs: answer.calls?.map(({ agent, run, how }) => ({ agentId: agent, runId: run, how })),
      })
    case 'cancel':
      return answer.call === undefined
        ? tell('runCancelling', { roomId: answer.room, runId: answer.run })
        : tell('toolCancelling', { roomId: answer.room, runId: answer.run, toolCallId: answer.call })
    case 'approve': {
      const { room: roomId, run: runId, call: toolCallId, approved } = answer
      return tell('toolApproved', { roomId, runId, toolCallId, approved })
    }
    case 'regenerate':
      return tell('runStarted', { roomId: answer.room, runId: answer.run })
    case 'edit':
    case 'redact':
    case 'react':
      return tell('messageReceived', {
        messageId: answer.id,
        roomId: answer.room,
        senderId: memory.actor,
        timestamp: now,
      })
    case 'task':
      return tell('taskUpdate', taskPayload(answer.room, answer.task))
    case 'tasks':
      return tell('tasks', { roomId: answer.room, tasks: answer.tasks.map((one) => taskPayload(answer.room, one)) })
    case 'typing':
    case 'presence':
      return tell('acknowledged', { roomId: answer.room })
    case 'read':
      return tell('messageRead', { roomId: answer.room, userId: memory.actor, seq: answer.seq })
    case 'members':
      return tell('members', {
        roomId: answer.room,
        count: answer.count,
        members: answer.members.map(({ user, state }) => ({
          ...personOf(user),
          ...(state === undefined ? {} : { state }),
        })),
      })
    case 'search':
      return tell('searchResults', {
        hits: answer.hits.map(({ room: roomId, message, by, at, seq, excerpt }) => {
          return {
            roomId,
            messageId: partsOfKey(message)[1],
            senderId: by.id,
            timestamp: at,
            seq,
            excerpt,
          }
        }),
      })
    case 'older':
      return tell('history', {
        roomId: answer.page.room,
        earlier: answer.page.earlier ?? false,
        before: answer.page.after + 1,
        messages: answer.page.events.flatMap((event) => tellPast(answer.page, event)),
      })
    case 'rooms':
      return tell('rooms', {
        rooms: answer.rooms.map(({ room, at, title, unread }) => ({ roomId: room, timestamp: at, title, unread })),
      })
    case 'upload':
      return 'attachment' in answer
        ? tell('uploadCommitted', uploadPayload(answer.room, answer.id, attachmentOf(answer.attachment)))
        : tell('uploadStarted', begunOf(answer))
    case 'attach':
      return tell('uploadCommitted', uploadPayload(answer.room, answer.id, attachmentOf(answer.attachment)))
    case 'abandon':
      return tell('uploadCancelled', uploadPayload(answer.room, answer.id))
    case 'link':
      return tell('attachmentLink', {
        attachmentId: answer.attachment,
        url: answer.url,
        expiresAt: answer.expiresAt,
      })
    case 'authenticate':
      return tell('authenticated', { userId: answer.actor.id, expiresAt: answer.expiresAt })
    case 'ping':
      return tell('pong', { now: answer.now })
  }
}

/** History tells whole messages only. */
function tellPast(page: Page, event: Event): object[] {
  const { fact } = event
  if (fact.type === 'message.posted')
    return [messagePayload(page, event, event.id ?? `${event.seq}`, fact.parts, fact.meta)]
  if (fact.type === 'message.closed') return [messagePayload(page, event, fact.message, fact.parts, undefined)]
  return []
}

function uploadPayload(roomId: RoomId, uploadId: string, more: object = {}): object {
  return { roomId, uploadId, ...more }
}

function messagePayload(
  page: Page,
  event: Event,
  id: string,
  parts: readonly Part[],
  meta: object | undefined,
): object {
  return {
    messageId: id,
    roomId: page.room,
    senderId: event.by.id,
    ...(event.by.name === undefined ? {} : { senderName: event.by.name }),
    content: textOf(parts),
    metadata: metadataOf(parts, meta),
    timestamp: event.at,
    position: { epoch: page.epoch, seq: event.seq },
  }
}

function sayEvent(page: Page, event: Event, heard: Heard, to: Listener<EnvelopeMemory> | undefined): string[] {
  const { fact, by, at, seq } = event
  const roomId = page.room
  const stamp = `${page.epoch}:${seq}`
  switch (fact.type) {
    case 'message.posted': {
      const id = event.id ?? stamp
      if (to !== undefined && to.actor === by.id && to.memory.posted.delete(postKey(roomId, id))) return []
      return [say('message', messagePayload(page, event, id, fact.parts, fact.meta), at, id, fact.priority)]
    }
    case 'message.edited':
      return [
        say(
          'messageEdited',
          {
            roomId,
            ...messageOf(fact.message),
            content: textOf(fact.parts),
            ...(fact.parts.some(isAttached) ? { metadata: metadataOf(fact.parts, undefined) } : {}),
            editedBy: by.id,
          },
          at,
          stamp,
        ),
      ]
    case 'message.redacted':
      return [
        say('messageDeleted', { roomId, ...messageOf(fact.message), reason: fact.reason, deletedBy: by.id }, at, stamp),
      ]
    case 'message.reacted':
      return [
        say(
          'reaction',
          { roomId, ...messageOf(fact.message), userId: by.id, reaction: fact.reaction, on: fact.on },
          at,
          stamp,
        ),
      ]
    case 'task.set': {
      const type = fact.change === 'assigned' ? 'taskAssign' : 'taskUpdate'
      return [say(type, taskPayload(roomId, fact.task), at, stamp, fact.task.priority)]
    }
    case 'message.opened': {
      const { message: messageId, run: runId } = fact
      return [say('streamStart', { roomId, messageId, senderId: by.id, runId }, at, stamp)]
    }
    case 'message.grew': {
      const content = pieceOf(messageKey(by.id, fact.message), fact, heard)
      return content === '' ? [] : [say('streamChunk', { roomId, messageId: fact.message, content }, at, stamp)]
    }
    case 'message.closed': {
      const { message: messageId, outcome: status, failure } = fact
      const rest = restOf(messageKey(by.id, messageId), fact, heard)
      const { parts } = fact
      const files = parts.some(isAttached) ? { metadata: metadataOf(parts, undefined) } : {}
      const end = { roomId, messageId, senderId: by.id, content: textOf(parts), ...files, status, error: failure }
      return [
        ...(rest === '' ? [] : [say('streamChunk', { roomId, messageId, content: rest }, at, `${stamp}:rest`)]),
        say('streamEnd', end, at, stamp),
      ]
    }
    case 'tool.called': {
      const { message: messageId, name, title, input } = fact
      const status = input === undefined ? 'preparing' : 'running'
      return sayTool(fact, { messageId, name, title, input, status })
    }
    case 'tool.grew':
      return fact.kind === 'output' ? sayTool(fact, { status: 'running', chunk: fact.text, from: fact.from }) : []
    case 'tool.ready':
      return sayTool(fact, { status: 'running', input: fact.input })
    case 'approval.asked':
      return sayTool(fact, { status: 'approval_required', expiresAt: fact.until })
    case 'approval.given': {
      const { approved, reason, user } = fact
      return sayTool(fact, { status: 'running', approved, reason, approvedBy: user?.id })
    }
    case 'tool.cancelling':
      return sayTool(fact, { status: 'cancelling' })
    case 'tool.ended': {
      const { outcome: status, output, printed, failure } = fact
      return sayTool(fact, { status, output, printed, error: failure })
    }
    case 'message.added':
    case 'run.started':
    case 'run.resumed':
    case 'run.steered':
    case 'run.cancelling':
    case 'run.ended':
    case 'tool.started':
      return []
  }

  function sayTool({ run: runId, call: toolCallId }: { run: string; call: string }, payload: object): string[] {
    return [say('toolExecution', { roomId, runId, toolCallId, ...payload }, at, stamp)]
  }
}

function messageOf(key: string): object {
  const [senderId, messageId] = partsOfKey(key)
  return { messageId, senderId }
}

/** A signal is of the moment: it has no time, and no id that would be worth remembering. */
function saySignal(roomId: RoomId, signal: Signal, index: number): string {
  const tell = (type: string, payload: object, id: string): string => say(type, payload, 0, `${id}:${index}`)
  switch (signal.type) {
    case 'tool.progress': {
      const { run: runId, call: toolCallId, fraction, step, steps, text } = signal
      const progress = { fraction, step, steps, text }
      return tell('toolExecution', { roomId, runId, toolCallId, status: 'running', progress }, toolCallId)
    }
    case 'presence':
      return tell('presence', { roomId, ...personOf(signal.user), here: signal.here, state: signal.state }, 'presence')
    case 'presence.count':
      return tell('presence', { roomId, count: signal.count }, 'presence')
    case 'typing':
      return tell('typing', { roomId, ...personOf(signal.user), on: signal.on }, 'typing')
    case 'read':
      return tell('messageRead', { roomId, userId: signal.user, seq: signal.seq }, 'read')
  }
}

export const envelope: Dialect<EnvelopeMemory> = {
  name: 'envelope',
  resumes: false,
  shares: true,
  echoes: false,
  takesPieces: true,
  welcomesGuests: false,
  begin: (greeting) => ({ greeting, posted: new Set(), actor: '' }),
  opening: () => [],
  decode: (text, memory) => [decode(text, memory)],
  reply(reply: Reply, memory) {
    if ('answer' in reply) return [sayAnswer(reply.answer, memory)]
    const { command } = reply
    if (command.type === 'post') memory.posted.delete(postKey(command.room, command.id))
    return [sayError(reply.problem, reply.ref, memory)]
  },
  notice(notice: Notice, memory) {
    const { greeting } = memory
    const tell = (type: string, payload: object): string[] => [say(type, payload, greeting.now(), greeting.uuid(), 1)]
    switch (notice.type) {
      case 'welcome':
        memory.actor = notice.actor.id
        return []
      case 'token.expiring':
        return tell('tokenExpiring', { expiresAt: notice.expiresAt })
      case 'leaving':
        return tell('serverLeaving', { retryAfterMs: notice.retryAfterMs })
      case 'removed':
        return tell('roomLeft', { roomId: notice.room, reason: notice.problem.message })
      case 'health':
        return tell('healthUpdate', { status: notice.status, metrics: notice.metrics })
      case 'task.assigned':
        return tell('taskAssign', { ...taskPayload(notice.room, notice.task), assignedBy: notice.by.id })
      case 'upload.confirmed':
        return tell('uploadConfirmed', { channel: notice.channel, confirmed: notice.confirmed })
      case 'upload.ended':
        return tell('uploadEnded', { channel: notice.channel, error: errorPayload(notice.problem) })
      case 'problem':
        return [sayError(notice.problem, notice.ref, memory)]
    }
  },
  page(page, heard, to) {
    const events = page.events.flatMap((event) => sayEvent(page, event, heard, to))
    if (page.reset === undefined || page.reset === 'start') return events
    const reset = { roomId: page.room, reason: page.reset }
    return [say('roomReset', reset, page.events[0]?.at ?? 0, `${page.epoch}:${page.after}:reset`), ...events]
  },
  signals: (room, signals) => signals.map((signal, index) => saySignal(room, signal, index)),
  asks: () => [],
}
