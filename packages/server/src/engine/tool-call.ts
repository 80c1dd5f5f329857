// One tool call as it is told: begun once, ended once, whatever happens in between.
import type { Approval, ApprovalGiven, Failure, Json, RunId, ToolOutcome } from '@parley/protocol'
import type { ToolResult } from '../seams/agent.ts'
import type { Answer, Held } from './answer.ts'

export interface End {
  readonly outcome: ToolOutcome
  readonly output?: Json
  readonly failure?: Failure
}

/** Characters that are kept of what a tool prints, and of its output. */
const MOST = 64 * 1024

export const SYSTEM = { id: 'system', kind: 'system' } as const

/** A decision is the system's, so that there is only one; its id makes the first one stand. */
export function decisionId(call: string): string {
  return `${call}.approval`
}

/** What ends a call; its id makes a second end harmless. */
export function toolEndId(call: string): string {
  return `${call}.ended`
}

export class ToolCall {
  readonly call: string
  readonly name: string
  /** Aborts when the call is cancelled, and when its run is over. */
  readonly abort = new AbortController()
  readonly #run: RunId
  readonly #since: number
  readonly #answer: Answer
  #typed = 0
  #printed = ''
  #dropped = 0
  #asked = false
  #asking = false
  #ready: boolean
  #result: ToolResult | undefined
  readonly #decided = Promise.withResolvers<ApprovalGiven>()

  constructor({ run, since }: Held, call: string, name: string, answer: Answer, ready: boolean) {
    this.#run = run
    this.#since = since
    this.call = call
    this.name = name
    this.#answer = answer
    this.#ready = ready
  }

  get result(): ToolResult | undefined {
    return this.#result
  }

  /** The decision about it, once there is one. */
  get decided(): Promise<ApprovalGiven> {
    return this.#decided.promise
  }

  /** Whether it waits for a decision. */
  get asking(): boolean {
    return this.#asking && this.#result === undefined
  }

  /** Whether a decision was ever asked for. */
  get asked(): boolean {
    return this.#asked
  }

  typed(text: string): void {
    if (text === '' || this.#ready || this.#result !== undefined) return
    this.#answer.print(this.call, 'input', this.#typed, text)
    this.#typed += text.length
  }

  ready(input: Json): void {
    if (this.#ready || this.#result !== undefined) return
    this.#ready = true
    this.#answer.put({ type: 'tool.ready', run: this.#run, call: this.call, input }, `${this.call}.ready`)
  }

  printed(text: string): void {
    if (this.#result !== undefined) return
    const kept = text.slice(0, MOST - this.#printed.length)
    this.#dropped += text.length - kept.length
    if (kept === '') return
    this.#answer.print(this.call, 'output', this.#printed.length, kept)
    this.#printed += kept
  }

  /** Goes on where another process left it. */
  restore(printed: string, approval: Approval | undefined): void {
    this.#printed = printed
    this.#asked = approval !== undefined
    this.#asking = approval !== undefined && approval.approved === undefined
  }

  /** Asks those who may decide. Resolves when the question is durable. */
  async ask(until: number): Promise<void> {
    this.#asked = true
    this.#asking = true
    const { call } = this
    this.#answer.put({ type: 'approval.asked', run: this.#run, call, until }, `${call}.asked`)
    await this.#answer.written()
  }

  /** Somebody, or time, has decided. */
  decide(decision: ApprovalGiven): void {
    this.#asking = false
    this.#decided.resolve(decision)
  }

  /** What nobody decided is decided so. */
  decline(reason: string): ApprovalGiven {
    return { type: 'approval.given', run: this.#run, call: this.call, approved: false, reason }
  }

  /**
   * Resolves when it is durable that it is about to be done, so that it is never done twice: another holder of the run
   * says this under another id, and one of the two is refused.
   */
  async started(): Promise<void> {
    const { call } = this
    this.#answer.put({ type: 'tool.started', run: this.#run, call }, `${call}.started.${this.#since}`)
    await this.#answer.written()
  }

  /** Only the first end counts. */
  end({ outcome, output, failure }: End): ToolResult {
    if (this.#result !== undefined) return this.#result
    const { call } = this
    if (this.#asking)
      this.#answer.put(this.decline('It was not decided before the call ended.'), decisionId(call), SYSTEM)
    const printed = this.#dropped === 0 ? this.#printed : `${this.#printed}\n… and ${this.#dropped} more characters`
    const kept = output === undefined ? undefined : bounded(output)
    const said = {
      ...(kept === undefined ? {} : { output: kept }),
      ...(failure === undefined ? {} : { failure: { ...failure, message: shortened(failure.message) } }),
    }
    const print = printed === '' ? {} : { printed }
    this.#answer.put({ type: 'tool.ended', run: this.#run, call, outcome, ...said, ...print }, toolEndId(call))
    this.#result = { call, outcome, ...said, text: textOf(outcome, kept, printed, said.failure) }
    this.abort.abort('over')
    return this.#result
  }
}

/** Too much output is kept in part, and says so. */
function bounded(output: Json): Json {
  const text = typeof output === 'string' ? output : JSON.stringify(output)
  return text.length <= MOST ? output : shortened(text)
}

function shortened(text: string): string {
  return text.length <= MOST ? text : `${text.slice(0, MOST)}\n… and ${text.length - MOST} more characters`
}

/** For models. */
function textOf(outcome: ToolOutcome, output: Json | undefined, printed: string, failure: Failure | undefined): string {
  if (outcome !== 'ok') return failure?.message ?? `The call was ${outcome.replace('_', ' ')}.`
  if (output === undefined) return printed === '' ? 'Done.' : printed
  return typeof output === 'string' ? output : JSON.stringify(output)
}
