// Signals: what they must look like to be trusted, and what a room keeps of those about tools.
import {
  type Health,
  isFields,
  isToolOver,
  type Signal,
  type Timeline,
  type Tool,
  type ToolProgress,
} from '@parley/protocol'
import { isAuthor } from './facts.ts'

type Fields = { readonly [key: string]: unknown }

const shapes: { readonly [type in Signal['type']]: (signal: Fields) => boolean } = {
  'tool.progress': isToolProgress,
  presence: ({ user, here }) => isAuthor(user) && typeof here === 'boolean',
  'presence.count': ({ count }) => isWhole(count),
  typing: ({ user, on }) => isAuthor(user) && typeof on === 'boolean',
  read: ({ user, seq }) => typeof user === 'string' && isWhole(seq),
}

const known = new Map<string, (signal: Fields) => boolean>(Object.entries(shapes))

/** Whether it is a signal as far as that can be told: of those of a later version only the type is known. */
export function isSignal(value: unknown): boolean {
  if (!isFields(value) || typeof value.type !== 'string') return false
  return known.get(value.type)?.(value) ?? true
}

/** Of those that `isSignal` lets in. */
export function isKnownSignal({ type }: Signal): boolean {
  return known.has(type)
}

/** A server of a later version may be in a state that has no name here. */
export function isHealth(value: Fields): value is Fields & Health {
  const { type, status, metrics } = value
  if (type !== 'health' || typeof status !== 'string' || !isFields(metrics)) return false
  return Object.values(metrics).every(Number.isFinite)
}

function isToolProgress({ run, call, fraction, step, steps, text }: Fields): boolean {
  if (typeof run !== 'string' || typeof call !== 'string') return false
  if (text !== undefined && typeof text !== 'string') return false
  return [fraction, step, steps].every((count) => count === undefined || Number.isFinite(count))
}

function isWhole(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/** How far tools have come, by call: the latest of each that is at work. */
export type Progress = ReadonlyMap<string, ToolProgress>

type Tools = Timeline['tools']

/** A use of a tool, with how far it has come, where it is at work and has told. */
export interface ToolPicture extends Tool {
  readonly progress?: ToolProgress
}

/** The tools of a room's picture, oldest first. One that has nothing to tell of the moment stays the same object. */
export function toolsOf({
  tools,
  progress,
}: Pick<Timeline, 'tools'> & { readonly progress: Progress }): readonly ToolPicture[] {
  return [...tools.values()].map((tool) => {
    const latest = progress.get(tool.call)
    return latest === undefined ? tool : { ...tool, progress: latest }
  })
}

/** With what was told. Of a tool that is over it came too late; one that is not in the picture is in the next page. */
export function withSignals(progress: Progress, signals: readonly Signal[], tools: Tools): Progress {
  const timely = signals
    .filter((signal) => signal.type === 'tool.progress')
    .filter((signal) => !tools.has(signal.call) || isTimely(signal, tools))
  return timely.length === 0
    ? progress
    : new Map([...progress, ...timely.map((signal) => [signal.call, signal] as const)])
}

/** As it is after a page: without what is not true any more, and what belongs to no tool. */
export function stillTrue(progress: Progress, tools: Tools): Progress {
  const timely = [...progress].filter(([, signal]) => isTimely(signal, tools))
  return timely.length === progress.size ? progress : new Map(timely)
}

function isTimely({ run, call }: ToolProgress, tools: Tools): boolean {
  const tool = tools.get(call)
  return tool !== undefined && tool.run === run && !isToolOver(tool)
}
