// An answer as UI message chunks of the AI SDK: what is still to be told of it to somebody who was told this much.
import type { AttachedPart, Part } from '../event.ts'
import type { ToolProgress } from '../signal.ts'
import { isToolOver, type Message, type Run, type Timeline, type Tool } from '../timeline.ts'
import type { Json, RunId } from '../words.ts'
import type { Chunk } from './ai-sdk-chunk.ts'
import { endOfTool, namesOf, textOf, wantsInput, workOf } from './ai-sdk-tools.ts'
import { fileUrl } from './file-url.ts'

/** A run, and what it has written. */
export interface AnswerPicture {
  readonly run: Run
  readonly message: Message
  readonly tools: ReadonlyMap<string, Tool>
  /** How far tools have come, by call. */
  readonly progress: ReadonlyMap<string, ToolProgress>
}

/** What somebody knows of a text or reasoning part, in UTF-16 units. */
export interface ToldText {
  readonly type: 'text' | 'reasoning'
  readonly length: number
  /** More of it can be added. */
  readonly open: boolean
}

export interface ToldTool {
  readonly type: 'tool'
  /** How much of its input was told while that was being written. */
  readonly typed: number
  /** The input was told as a whole. */
  readonly ready: boolean
  readonly asked: boolean
  readonly approved?: boolean
  /** What was told of its work, as it was then: a picture or a progress that is another object is news. */
  readonly printed?: string
  readonly progress?: ToolProgress
  readonly over: boolean
}

export interface ToldData {
  readonly type: 'data'
  readonly data?: Json
}

export interface ToldFile {
  readonly type: 'file'
}

export type ToldPart = ToldText | ToldTool | ToldData | ToldFile

/** How much somebody knows of an answer. */
export interface Told {
  readonly started: boolean
  /** A step was begun and not finished. */
  readonly step: boolean
  /** By the index of the part; undefined where a part means nothing yet. */
  readonly parts: readonly (ToldPart | undefined)[]
  /** Nothing follows: the answer has ended, or it waits for people, and who asks again hears the rest. */
  readonly done: boolean
}

export const nothingTold: Told = { started: false, step: false, parts: [], done: false }

/** The answer of a run, as far as the picture tells of it. */
export function answerOf(
  { runs, messages, tools }: Timeline,
  id: RunId,
  progress: AnswerPicture['progress'],
): AnswerPicture | undefined {
  const run = runs.get(id)
  const message = messages.findLast((one) => one.run === id)
  return run === undefined || message === undefined ? undefined : { run, message, tools, progress }
}

/**
 * The chunks between what was told and how the answer looks now. Whoever begins with {@link nothingTold} hears the whole
 * answer, under the id that its message always has.
 *
 * A step is what the model says up to the ends of the tools that it calls. An answer whose tools wait for people, and for
 * nothing else, is finished for now: it is how the AI SDK asks, and it hears the rest with its next request.
 */
export function tellAnswer(told: Told, picture: AnswerPicture): { readonly told: Told; readonly chunks: Chunk[] } {
  if (told.done) return { told, chunks: [] }
  const teller = new Teller(told, picture)
  teller.tell()
  return { told: teller.told, chunks: teller.chunks }
}

/** One telling. It is thrown away afterwards; only what it told and said remains. */
class Teller {
  readonly chunks: Chunk[] = []
  readonly #picture: AnswerPicture
  readonly #parts: (ToldPart | undefined)[]
  #step: boolean
  #started: boolean
  #done = false

  constructor({ parts, step, started }: Told, picture: AnswerPicture) {
    this.#picture = picture
    this.#parts = [...parts]
    this.#step = step
    this.#started = started
  }

  get told(): Told {
    return { started: this.#started, step: this.#step, parts: this.#parts, done: this.#done }
  }

  tell(): void {
    const { run, message, tools } = this.#picture
    if (!this.#started) this.#say({ type: 'start', messageId: message.id })
    this.#started = true
    for (const [index, part] of message.parts.entries()) this.#part(index, part)
    if (run.state !== 'running' && run.state !== 'cancelling') this.#end(run)
    else if (waits(message.parts, tools)) this.#finish({ type: 'finish', finishReason: 'tool-calls' })
  }

  #say(...chunks: readonly Chunk[]): void {
    this.chunks.push(...chunks)
  }

  #part(index: number, part: Part): void {
    switch (part.type) {
      case 'text':
      case 'reasoning':
        return this.#text(index, part)
      case 'data':
        return this.#data(index, part)
      case 'tool': {
        const tool = this.#picture.tools.get(part.call)
        if (tool !== undefined) this.#tool(index, tool)
        return
      }
      case 'image':
      case 'audio':
      case 'file':
        return this.#file(index, part)
    }
  }

  #text(index: number, { type, text }: Part & { readonly type: 'text' | 'reasoning' }): void {
    const { parts, state } = this.#picture.message
    const was = this.#parts[index]
    const { length, open } = was?.type === type ? was : { length: 0, open: false }
    const id = `${index}`
    const grows = text.length > length
    if (grows && !open) {
      this.#begin(true)
      this.#say({ type: `${type}-start`, id })
    }
    if (grows) this.#say({ type: `${type}-delta`, id, delta: text.slice(length) })
    const goesOn = state === 'streaming' && index === parts.length - 1
    if ((grows || open) && !goesOn) this.#say({ type: `${type}-end`, id })
    this.#parts[index] = { type, length: Math.max(length, text.length), open: (grows || open) && goesOn }
  }

  #file(index: number, { attachment }: AttachedPart): void {
    if (this.#parts[index] !== undefined) return
    this.#begin(true)
    this.#say({ type: 'file', mediaType: attachment.mediaType, url: fileUrl(attachment) })
    this.#parts[index] = { type: 'file' }
  }

  #data(index: number, { name, data }: Part & { readonly type: 'data' }): void {
    const was = this.#parts[index]
    if (was?.type === 'data' && JSON.stringify(was.data) === JSON.stringify(data)) return
    if (was === undefined) this.#begin(true)
    this.#say({ type: `data-${name}`, id: `${index}`, data })
    this.#parts[index] = { type: 'data', data }
  }

  #tool(index: number, tool: Tool): void {
    const { call, input, inputText = '', approval } = tool
    const known = this.#parts[index]
    const was: ToldTool | undefined = known?.type === 'tool' ? known : undefined
    let next = was ?? { type: 'tool', typed: 0, ready: false, asked: false, over: false }
    if (was === undefined) this.#begin(false)
    if (was === undefined && input === undefined) this.#say({ type: 'tool-input-start', ...namesOf(tool) })
    if (!next.ready && inputText.length > next.typed) {
      this.#say({ type: 'tool-input-delta', toolCallId: call, inputTextDelta: inputText.slice(next.typed) })
      next = { ...next, typed: inputText.length }
    }
    if (!next.ready && (input !== undefined || wantsInput(tool))) {
      this.#say({ type: 'tool-input-available', ...namesOf(tool), input: input ?? null })
      next = { ...next, ready: true }
    }
    if (approval !== undefined && !next.asked) {
      // What it did before it asked is not its output.
      if (next.printed !== undefined || next.progress !== undefined)
        this.#say({ type: 'tool-input-available', ...namesOf(tool), input: input ?? null })
      this.#say({ type: 'tool-approval-request', approvalId: call, toolCallId: call })
      next = { ...next, asked: true }
    }
    if (approval?.approved !== undefined && approval.approved !== next.approved) {
      const { approved, reason } = approval
      this.#say({
        type: 'tool-approval-response',
        approvalId: call,
        approved,
        ...(reason === undefined ? {} : { reason }),
      })
      next = { ...next, approved }
    }
    this.#parts[index] = next.over ? next : this.#work(next, tool)
  }

  /** What a tool does and what comes of it. */
  #work(was: ToldTool, tool: Tool): ToldTool {
    const { call, printed, approval } = tool
    if (isToolOver(tool)) {
      this.#say(endOfTool(tool))
      return { ...was, over: true }
    }
    const progress = this.#picture.progress.get(call)
    const works = tool.state === 'running' && approval?.approved !== false
    if (!works || (printed === was.printed && progress === was.progress)) return was
    this.#say({
      type: 'tool-output-available',
      toolCallId: call,
      output: workOf(printed, progress),
      dynamic: true,
      preliminary: true,
    })
    return { ...was, ...(printed === undefined ? {} : { printed }), ...(progress === undefined ? {} : { progress }) }
  }

  /**
   * A part begins. After tools that have ended, the model speaks in another step.
   * @param speaks it is no tool: tools may be called together.
   */
  #begin(speaks: boolean): void {
    const idle = this.#parts.every((part) => part?.type !== 'tool' || part.over)
    if (speaks && idle && this.#parts.at(-1)?.type === 'tool') this.#finishStep()
    if (!this.#step) this.#say({ type: 'start-step' })
    this.#step = true
  }

  #finishStep(): void {
    if (this.#step) this.#say({ type: 'finish-step' })
    this.#step = false
  }

  #end({ state, failure }: Run): void {
    for (const [index, part] of this.#picture.message.parts.entries())
      if (part.type === 'tool') this.#settle(index, this.#picture.tools.get(part.call))
    if (state === 'completed') this.#finish({ type: 'finish', finishReason: 'stop' })
    else if (state === 'cancelled') this.#finish({ type: 'abort', reason: 'The answer was stopped.' })
    else this.#finish({ type: 'error', errorText: textOf(failure, 'The answer was cut short.') })
  }

  /** A call that has not ended when its run has, never will. */
  #settle(index: number, tool: Tool | undefined): void {
    const part = this.#parts[index]
    if (tool === undefined || part?.type !== 'tool' || part.over) return
    if (part.asked && part.approved === undefined)
      this.#say({ type: 'tool-approval-response', approvalId: tool.call, approved: false })
    this.#say(endOfTool({ ...tool, state: 'cancelled' }))
    this.#parts[index] = { ...part, over: true }
  }

  #finish(last: Chunk): void {
    for (const [index, part] of this.#parts.entries()) {
      if (part?.type !== 'text' && part?.type !== 'reasoning') continue
      if (part.open) this.#say({ type: `${part.type}-end`, id: `${index}` })
      this.#parts[index] = { ...part, open: false }
    }
    this.#finishStep()
    this.#say(last)
    this.#done = true
  }
}

/** Whether some tool waits for a decision and none is at work. */
function waits(parts: readonly Part[], tools: ReadonlyMap<string, Tool>): boolean {
  const open = parts
    .flatMap((part) => (part.type === 'tool' ? (tools.get(part.call) ?? []) : []))
    .filter((tool) => !isToolOver(tool))
  return open.length > 0 && open.every(({ state }) => state === 'asking')
}
