// A room's conversation as AI SDK UI messages.
import { type Attachment, isAttached, type Message, type Tool } from '@parley/protocol'
import type { UIMessage } from 'ai'
import type { Turn } from '../seams/agent.ts'
import { recent } from './conversation.ts'
import { nothingShown, type Shelf, type Shown, wordsAbout } from './shown-files.ts'

type UIPart = UIMessage['parts'][number]

/**
 * The conversation up to and including the message to answer, oldest first: text, tools as `dynamic-tool` parts, data as
 * `data-<name>` parts, files with their content where they are on the shelf, no reasoning. `metadata.by` says whose message it is.
 */
export function uiMessagesOf(
  turn: Pick<Turn, 'message' | 'history' | 'calls'>,
  shelf: Shelf = nothingShown,
): UIMessage[] {
  return recent(turn).flatMap((message): UIMessage[] => {
    const parts = partsOf(message, turn, shelf)
    if (parts.length === 0) return []
    const role = message.by.kind === 'agent' ? 'assistant' : 'user'
    return [{ id: message.key, role, metadata: { by: message.by }, parts }]
  })
}

function partsOf({ parts }: Message, { calls }: Pick<Turn, 'calls'>, shelf: Shelf): UIPart[] {
  const told: UIPart[] = []
  const add = (part: UIPart): void => {
    // What follows a tool was said knowing its output: another step.
    if (told.at(-1)?.type === 'dynamic-tool' && part.type !== 'dynamic-tool') told.push({ type: 'step-start' })
    told.push(part)
  }
  for (const part of parts) {
    if (part.type === 'text') add({ type: 'text', text: part.text })
    if (isAttached(part)) add(filePartOf(part.attachment, shelf.get(part.attachment.id)))
    if (part.type === 'data') add({ type: `data-${part.name}`, data: part.data })
    if (part.type === 'tool') {
      const tool = toolPartOf(calls.get(part.call))
      if (tool !== undefined) add(tool)
    }
  }
  return told
}

function filePartOf(attachment: Attachment, shown: Shown | undefined): UIPart {
  if (shown === undefined) return { type: 'text', text: wordsAbout(attachment) }
  if (shown.as === 'text') return { type: 'text', text: `The file "${attachment.name}":\n\n${shown.text}` }
  const { mediaType, base64 } = shown
  return { type: 'file', mediaType, filename: attachment.name, url: `data:${mediaType};base64,${base64}` }
}

/** Undefined for a call whose input never became whole: no model could be told of it. */
function toolPartOf(tool: Tool | undefined): UIPart | undefined {
  if (tool?.input === undefined) return undefined
  const { call, name, input, state, output, printed, failure, approval } = tool
  const part = { type: 'dynamic-tool', toolName: name, toolCallId: idOf(call), input } as const
  switch (state) {
    case 'ok':
      return { ...part, state: 'output-available', output: output ?? printed ?? null }
    case 'denied': {
      const reason = approval?.reason
      const denied = { id: idOf(call), approved: false, ...(reason === undefined ? {} : { reason }) } as const
      return { ...part, state: 'output-denied', approval: denied }
    }
    default:
      return { ...part, state: 'output-error', errorText: failure?.message ?? `The tool was ${state}.` }
  }
}

/** What every provider takes as an id. */
function idOf(call: string): string {
  return call.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(-40)
}
