// Signals: what they must look like to be trusted, and what a room keeps of them.
import { isFields, isToolOver, type Signal, type Timeline, type Tool, type ToolProgress } from '@parley/protocol'

/** Whether it is a signal as far as that can be told: of those of a later version only the type is known. */
export function isSignal(value: unknown): boolean {
  if (!isFields(value) || typeof value.type !== 'string') return false
  return value.type !== 'tool.progress' || isToolProgress(value)
}

/** Of those that `isSignal` lets in. */
export function isKnownSignal({ type }: Signal): boolean {
  return type === 'tool.progress'
}

function isToolProgress({ run, call, fraction, step, steps, text }: { readonly [key: string]: unknown }): boolean {
  if (typeof run !== 'string' || typeof call !== 'string') return false
  if (text !== undefined && typeof text !== 'string') return false
  return [fraction, step, steps].every((count) => count === undefined || Number.isFinite(count))
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
  const timely = signals.filter((signal) => !tools.has(signal.call) || isTimely(signal, tools))
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
