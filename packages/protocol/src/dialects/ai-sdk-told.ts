// What a client of the AI SDK was told of an answer, as its own message shows.
import { isAttached } from '../event.ts'
import { isFields, isJson } from '../parse.ts'
import type { Message } from '../timeline.ts'
import { nothingTold, type Told, type ToldPart, type ToldTool } from './ai-sdk-chunks.ts'
import type { SaidPart } from './ai-sdk-shapes.ts'

/**
 * How much of the answer the client has: only what it has as the log has it counts. A message whose claims are false makes
 * its own client hear too little or the same twice, and nobody else.
 */
export function toldBy(said: readonly SaidPart[], { parts }: Pick<Message, 'parts'>): Told {
  const has = said.filter(({ type }) => type !== 'step-start')
  const told: ToldPart[] = []
  let at = 0
  for (const part of parts) {
    const there = has[at]
    if (part.type === 'text' || part.type === 'reasoning') {
      let length = 0
      for (let piece = textOf(there, part.type); piece !== undefined; piece = textOf(has[at], part.type)) {
        if (!part.text.startsWith(piece, length)) break
        length += piece.length
        at += 1
      }
      told.push({ type: part.type, length, open: false })
      continue
    }
    if (there === undefined) break
    if (part.type === 'tool' && there.toolCallId === part.call) told.push(toolOf(there))
    else if (part.type === 'data' && there.type === `data-${part.name}`)
      told.push(isJson(there.data) ? { type: 'data', data: there.data } : { type: 'data' })
    else if (isAttached(part) && there.type === 'file') told.push({ type: 'file' })
    else break
    at += 1
  }
  return { ...nothingTold, parts: told }
}

function textOf(part: SaidPart | undefined, type: 'text' | 'reasoning'): string | undefined {
  return part?.type === type && typeof part.text === 'string' ? part.text : undefined
}

function toolOf({ state, approval, preliminary, rawInput }: SaidPart): ToldTool {
  const approved = isFields(approval) && typeof approval.approved === 'boolean' ? { approved: approval.approved } : {}
  const typed = typeof rawInput === 'string' ? rawInput.length : 0
  const ended =
    state === 'output-available' ? preliminary !== true : state === 'output-error' || state === 'output-denied'
  return {
    type: 'tool',
    typed,
    ready: state !== 'input-streaming',
    asked: isFields(approval),
    ...approved,
    over: ended,
  }
}
