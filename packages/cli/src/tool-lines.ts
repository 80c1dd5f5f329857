// A use of a tool as lines for a terminal.
import type { ToolPicture } from '@parley/client'
import { isToolOver, type ToolProgress } from '@parley/protocol'
import { nameOf, oneLine, short } from './printable.ts'

export interface ToolLine {
  readonly kind: 'tool' | 'asks' | 'output'
  readonly text: string
}

/** Of what a tool prints, its last lines are shown. */
const LINES_PRINTED = 3
const BAR_WIDTH = 8

export function linesOfTool(tool: ToolPicture | undefined): readonly ToolLine[] {
  if (tool === undefined) return [{ kind: 'tool', text: 'a tool' }]
  if (tool.state === 'asking') return [{ kind: 'asks', text: `${wishOf(tool)}: allow? /approve or /deny [reason]` }]
  return [{ kind: 'tool', text: headOf(tool) }, ...linesPrinted(tool.printed ?? '')]
}

/** What the tool is about to do: its title and its input. */
export function wishOf({ name, title = name, input, inputText = '' }: ToolPicture): string {
  const given = input === undefined ? inputText : JSON.stringify(input)
  return `${oneLine(title)} ${given === '{}' ? '' : short(given)}`.trimEnd()
}

function headOf(tool: ToolPicture): string {
  const { name, title = name, progress } = tool
  if (tool.state === 'cancelling') return `${wishOf(tool)} stopping …`
  if (isToolOver(tool)) return `${wishOf(tool)} ${endOf(tool)}`
  return progress === undefined ? `${wishOf(tool)} …` : `${oneLine(title)} ${progressText(progress)}`
}

/** As in `▓▓▓▓░░░░ 48 % 12 of 25 files`. */
export function progressText({ fraction, step, steps, text }: Omit<ToolProgress, 'type' | 'run' | 'call'>): string {
  const counted = step === undefined ? undefined : steps === undefined ? `step ${step}` : `${step} of ${steps}`
  const part = fraction ?? (step !== undefined && steps !== undefined && steps > 0 ? step / steps : undefined)
  const words = text === undefined ? (counted ?? (part === undefined ? '…' : '')) : short(text)
  if (part === undefined) return words
  const reached = Math.min(Math.max(part, 0), 1)
  // A full bar is what is done, and nothing less.
  const full = reached === 1 ? BAR_WIDTH : Math.min(Math.round(reached * BAR_WIDTH), BAR_WIDTH - 1)
  const bar = '▓'.repeat(full) + '░'.repeat(BAR_WIDTH - full)
  return `${bar} ${Math.floor(reached * 100)} % ${words}`.trimEnd()
}

const ENDS: Readonly<Partial<Record<ToolPicture['state'], string>>> = {
  ok: 'done',
  timed_out: 'took too long',
}

function endOf({ state, approval, failure }: ToolPicture): string {
  const { approved, user, reason } = approval ?? {}
  const by = user === undefined ? '' : ` by ${nameOf(user)}`
  const end = ENDS[state] ?? state
  // Where nobody decided, the failure says so.
  if (state === 'denied') return `${end}${by}${because(by === '' ? failure?.message : reason)}`
  return `${end}${approved === true && by !== '' ? `, allowed${by}` : ''}${because(failure?.message)}`
}

function because(why: string | undefined): string {
  return why === undefined || why === '' ? '' : `: ${oneLine(why)}`
}

function linesPrinted(printed: string): readonly ToolLine[] {
  const text = printed.replace(/\s+$/, '')
  if (text === '') return []
  const lines = text.split('\n')
  const last = lines.slice(-LINES_PRINTED).map((line) => short(line))
  const before = lines.length - last.length
  const more = before === 0 ? [] : [`… ${before} more ${before === 1 ? 'line' : 'lines'} before`]
  return [...more, ...last].map((line) => ({ kind: 'output', text: line }))
}
