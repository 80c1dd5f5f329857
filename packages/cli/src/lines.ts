// A message as lines for a terminal: those that will not change any more, and those that still may.
import type { RoomPicture } from '@parley/client'
import { isToolOver, type Message, type Part, type Timeline } from '@parley/protocol'
import { fileLine } from './file-lines.ts'
import { afterNote, answerNote, REMOVED } from './notes.ts'
import { oneLine, printable, short } from './printable.ts'
import type { ShownFiles } from './shown-files.ts'
import { linesOfTool, type ToolLine } from './tool-lines.ts'

export interface Line {
  readonly kind: 'text' | 'reasoning' | ToolLine['kind'] | 'data' | 'file' | 'end' | 'note'
  readonly text: string
}

export interface Lines {
  /** These stay as they are; growth of the message only adds to them. */
  readonly settled: readonly Line[]
  /** The rest of the message as it is now. */
  readonly live: readonly Line[]
}

/**
 * What there is to see around a message. How far tools have come is known only where signals are heard; files have numbers
 * only where somebody can name them.
 */
export type Pictured = Pick<Timeline, 'tools'> &
  Partial<Pick<RoomPicture, 'messages' | 'progress'>> & { readonly files?: ShownFiles }

export function linesOf(message: Message, picture: Pictured): Lines {
  if (message.redacted === true) return { settled: [{ kind: 'end', text: REMOVED }], live: [] }
  const settled: Line[] = [...noteLine(answerNote(message, picture.messages ?? []))]
  const live: Line[] = []
  const streaming = message.state === 'streaming'
  for (const [index, part] of message.parts.entries()) {
    const last = streaming && index === message.parts.length - 1
    const lines = linesOfPart(part, picture)
    // Behind a line that may still change, nothing is settled.
    const sure = live.length > 0 ? 0 : lines.length - unsure(part, last, lines.length, picture)
    settled.push(...lines.slice(0, sure))
    live.push(...lines.slice(sure))
  }
  const end = endOf(message)
  if (end !== undefined) (live.length > 0 ? live : settled).push({ kind: 'end', text: end })
  const after = noteLine(afterNote(message))
  if (streaming || live.length > 0) live.push(...after)
  else settled.push(...after)
  return { settled, live }
}

function noteLine(text: string | undefined): readonly Line[] {
  return text === undefined ? [] : [{ kind: 'note', text }]
}

function linesOfPart(part: Part, picture: Pictured): readonly Line[] {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      // Split first: what is unprintable must never swallow the end of a line that was told already.
      return part.text.split('\n').map((text) => ({ kind: part.type, text: printable(text) }))
    case 'tool':
      return linesOfTool(toolOf(part.call, picture))
    case 'data':
      return [{ kind: 'data', text: `${oneLine(part.name)}: ${short(JSON.stringify(part.data))}` }]
    case 'image':
    case 'audio':
    case 'file':
      return [{ kind: 'file', text: fileLine(part.attachment, picture.files) }]
    default:
      // A part of a later version: there is nothing of it that could be shown.
      return []
  }
}

function toolOf(call: string, { tools, progress }: Pictured) {
  const tool = tools.get(call)
  const latest = progress?.get(call)
  return tool === undefined || latest === undefined ? tool : { ...tool, progress: latest }
}

/** How many of the last of the part's `lines` lines may still change. */
function unsure(part: Part, last: boolean, lines: number, { tools }: Pictured): number {
  if (part.type !== 'tool') return last ? Math.min(1, lines) : 0
  const tool = tools.get(part.call)
  return tool === undefined || isToolOver(tool) ? 0 : lines
}

/** Said of every message that did not simply come to its end. */
function endOf({ state, failure, parts }: Message): string | undefined {
  const why = failure === undefined ? '' : `: ${oneLine(failure.message)}`
  switch (state) {
    case 'streaming':
      return undefined
    case 'completed':
      return parts.length === 0 ? 'no answer' : undefined
    case 'timed_out':
      return `timed out${why}`
    default:
      return `${state}${why}`
  }
}
