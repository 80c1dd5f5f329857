// A message as lines for a terminal: those that will not change any more, and those that still may.
import type { Message, Part, Tool } from '@parley/protocol'
import { oneLine, printable } from './printable.ts'

export interface Line {
  readonly kind: 'text' | 'reasoning' | 'tool' | 'data' | 'end'
  readonly text: string
}

export interface Lines {
  /** These stay as they are; growth of the message only adds to them. */
  readonly settled: readonly Line[]
  /** The rest of the message as it is now. */
  readonly live: readonly Line[]
}

export type Tools = ReadonlyMap<string, Tool>

export function linesOf(message: Message, tools: Tools): Lines {
  const settled: Line[] = []
  const live: Line[] = []
  const streaming = message.state === 'streaming'
  for (const [index, part] of message.parts.entries()) {
    const last = streaming && index === message.parts.length - 1
    const lines = linesOfPart(part, tools)
    // Behind a line that may still change, nothing is settled.
    const sure = live.length > 0 ? 0 : lines.length - (mayChange(part, last, tools) ? 1 : 0)
    settled.push(...lines.slice(0, sure))
    live.push(...lines.slice(sure))
  }
  const end = endOf(message)
  if (end !== undefined) (live.length > 0 ? live : settled).push({ kind: 'end', text: end })
  return { settled, live }
}

function linesOfPart(part: Part, tools: Tools): readonly Line[] {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      // Split first: what is unprintable must never swallow the end of a line that was told already.
      return part.text.split('\n').map((text) => ({ kind: part.type, text: printable(text) }))
    case 'tool':
      return [{ kind: 'tool', text: toolText(tools.get(part.call)) }]
    case 'data':
      return [{ kind: 'data', text: `${oneLine(part.name)}: ${short(JSON.stringify(part.data))}` }]
    default:
      // A part of a later version: there is nothing of it that could be shown.
      return []
  }
}

/** Whether the last line of the part may still change. */
function mayChange(part: Part, last: boolean, tools: Tools): boolean {
  if (part.type === 'tool') return tools.get(part.call)?.state === 'running'
  return last && part.type !== 'data'
}

const TOOL_STATES: Readonly<Record<Tool['state'], string>> = {
  running: '…',
  ok: 'done',
  failed: 'failed',
  timed_out: 'took too long',
  cancelled: 'cancelled',
  denied: 'denied',
  skipped: 'skipped',
}

function toolText(tool: Tool | undefined): string {
  if (tool === undefined) return 'a tool'
  const { name, title = name, input, state, failure } = tool
  const why = failure === undefined ? '' : `: ${oneLine(failure.message)}`
  return `${oneLine(title)} ${short(JSON.stringify(input))} ${TOOL_STATES[state]}${why}`
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

const SHORT = 100

function short(text: string): string {
  const plain = oneLine(text)
  return plain.length <= SHORT ? plain : `${plain.slice(0, SHORT - 1)}…`
}

/** The author's name as others see it. */
export function nameOf({ name, id }: { readonly name?: string; readonly id: string }): string {
  return oneLine(name ?? id)
}
