// How tools are told to the AI SDK.
import type { Failure } from '../event.ts'
import type { ToolProgress } from '../signal.ts'
import type { Tool } from '../timeline.ts'
import type { Json } from '../words.ts'
import type { Chunk, ToolNames } from './ai-sdk-chunk.ts'

/** Characters of what a tool has printed that are told while it works: the latest. All of it is told in the end. */
const MOST_PRINTED = 2_000

/** A client takes neither a question nor an output for a call without any input. */
export function wantsInput({ state, approval }: Tool): boolean {
  return state === 'asking' || state === 'running' || state === 'ok' || approval !== undefined
}

export function namesOf({ call, name, title }: Tool): ToolNames {
  const more = title === undefined ? {} : { title }
  return { toolCallId: call, toolName: name, ...more, dynamic: true, providerExecuted: true }
}

/** A call that nobody allowed is denied, whatever else became of it: so the AI SDK wants it. */
export function endOfTool({ call: toolCallId, state, approval, output, printed, failure }: Tool): Chunk {
  if (approval !== undefined && approval.approved !== true) return { type: 'tool-output-denied', toolCallId }
  if (state === 'ok')
    return { type: 'tool-output-available', toolCallId, output: output ?? printed ?? null, dynamic: true }
  const errorText = textOf(failure, `The tool was ${state.replace('_', ' ')}.`)
  return { type: 'tool-output-error', toolCallId, errorText, dynamic: true }
}

/** What is told of a tool at work, in place of an output: `{printed?, progress?: {fraction?, step?, steps?, text?}}`. */
export function workOf(printed: string | undefined, progress: ToolProgress | undefined): Json {
  return {
    ...(printed === undefined ? {} : { printed: printed.slice(-MOST_PRINTED) }),
    ...(progress === undefined ? {} : { progress: placeOf(progress) }),
  }
}

function placeOf({ fraction, step, steps, text }: ToolProgress): Json {
  return {
    ...(fraction === undefined ? {} : { fraction }),
    ...(step === undefined ? {} : { step }),
    ...(steps === undefined ? {} : { steps }),
    ...(text === undefined ? {} : { text }),
  }
}

export function textOf(failure: Failure | undefined, otherwise: string): string {
  return failure?.message ?? otherwise
}
