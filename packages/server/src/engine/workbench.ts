// The tools of one run at work: each call is checked, allowed, tried, and ended exactly once, while the room watches.
import {
  type Approval,
  type ApprovalGiven,
  type Author,
  isJson,
  isToolOver,
  type Json,
  type Tool as ToolPicture,
} from '@parley/protocol'
import type { Agent, Progress, RoomFiles, Thought, ToolResult, Turn } from '../seams/agent.ts'
import { AgentFailure } from '../seams/agent.ts'
import type { Clock } from '../seams/clock.ts'
import type { Journal } from '../seams/journal.ts'
import type { Tool, ToolContext, ToolNews } from '../seams/tool.ts'
import { type Answer, type Held, holdingOf } from './answer.ts'
import type { Patience } from './patience.ts'
import type { Room } from './room.ts'
import { unlessAborted } from './thinking.ts'
import { attempt, titleOf } from './tool-attempt.ts'
import { decisionId, type End, SYSTEM, ToolCall } from './tool-call.ts'

export interface WorkbenchParts {
  readonly room: Room
  readonly files: RoomFiles
  readonly held: Held
  readonly agent: Agent
  /** Who asked the question. */
  readonly user: Author
  readonly answer: Answer
  readonly patience: Patience
  readonly clock: Clock
  readonly journal: Journal
  /** How many calls one run may make. */
  readonly most: number
  /** Aborts when the run is made to stop. */
  readonly signal: AbortSignal
}

type ToolThought = Extract<Exclude<Thought, string>, { readonly call: string }>

const APPROVAL_MS = 3_600_000

export class Workbench {
  readonly #parts: WorkbenchParts
  /** By the call's id in the room. */
  readonly #calls = new Map<string, ToolCall>()
  /** By the agent's own id. */
  readonly #own = new Map<string, ToolCall>()
  /** Calls whose tools were handed over to be used here. */
  readonly #given = new Set<ToolCall>()
  #over = false
  #count = 0

  constructor(parts: WorkbenchParts) {
    this.#parts = parts
    parts.signal.addEventListener('abort', () => this.#stop(parts.signal.reason), { once: true })
  }

  /** Whether all that the run does at present is waiting for people, in a way that another process could go on with. */
  get waits(): boolean {
    const open = [...this.#calls.values()].filter(({ result }) => result === undefined)
    return open.length > 0 && open.every(({ asking, name }) => asking && this.#find(name) !== undefined)
  }

  use: Turn['use'] = async (named, given, { call: own } = {}) => {
    const { signal } = this.#parts
    const tool = typeof named === 'string' ? this.#find(named) : named
    const name = typeof named === 'string' ? named : named.name
    if (signal.aborted || this.#over) return { call: '', outcome: 'cancelled', text: 'The run is over.' }
    const input = isJson(given) ? given : String(given)
    const known = own === undefined ? undefined : this.#own.get(own)
    // The first that is too much was told; who goes on all the same fills no log.
    if (known === undefined && this.#count > this.#parts.most)
      return { call: '', ...failed('tool.limit', this.#enough), text: this.#enough }
    const call = known ?? this.#begin(own, name, tool === undefined ? undefined : titleOf(tool), input)
    known?.ready(input)
    const { result } = call
    if (result !== undefined) return result
    if (tool === undefined) return call.end(failed('tool.unknown', `There is no tool called ${name}.`))
    this.#given.add(call)
    return this.#see(tool, call, given)
  }

  approval: Turn['approval'] = async (own, ms = APPROVAL_MS) => {
    const call = this.#own.get(own)
    if (call === undefined) throw new AgentFailure('agent.broken', `the tool call ${own} was never made`)
    if (call.result !== undefined) return undefined
    const until = this.#parts.clock.now() + ms
    const decision = await this.#decision(call, until, () => call.ask(until))
    // Told before it can be done, like any other: the next process must not begin it again.
    if (decision === undefined || (decision.approved && !(await mayBegin(call)))) return undefined
    return { ...approvalOf(decision), until }
  }

  /** What the agent tells of tools that it runs by itself. */
  hear(thought: ToolThought): void {
    if (thought.type === 'tool.called') {
      if (this.#own.has(thought.call))
        throw new AgentFailure('agent.broken', `the tool call ${thought.call} began twice`)
      if (this.#count >= this.#parts.most * 2) throw new AgentFailure('tool.limit', this.#enough)
      this.#begin(thought.call, thought.name, thought.title, thought.input)
      return
    }
    const call = this.#own.get(thought.call)
    if (call === undefined)
      throw new AgentFailure('agent.broken', `the tool call ${thought.call} goes on without having begun`)
    switch (thought.type) {
      case 'tool.input':
        return call.typed(thought.text)
      case 'tool.ready':
        return call.ready(thought.input)
      case 'tool.output':
        return call.printed(thought.text)
      case 'tool.progress': {
        const { type: _, call: __, ...progress } = thought
        return this.#progress(call, progress)
      }
      case 'tool.ended':
        call.end(thought)
    }
  }

  /** A decision about one of the calls has become known. */
  decided(decision: ApprovalGiven): void {
    this.#calls.get(decision.call)?.decide(decision)
  }

  /** Somebody wants this call to stop. False: only its agent could stop it, with the whole run. */
  cancel(id: string): boolean {
    const call = this.#calls.get(id)
    if (call === undefined || call.result !== undefined) return true
    if (!this.#given.has(call) && this.#find(call.name) === undefined) return false
    call.abort.abort('cancelled')
    call.end({ outcome: 'cancelled' })
    return true
  }

  /** The run is over: what has not ended ends now. */
  close(outcome: 'cancelled' | 'failed'): void {
    this.#over = true
    for (const call of this.#calls.values()) if (call.result === undefined) call.end({ outcome })
  }

  /** Knows the calls of a run whose process ended, so that they can be decided, cancelled and closed before they are taken up. */
  restore(tools: readonly ToolPicture[]): void {
    this.#count = tools.length
    for (const { call: id, name, input, approval, printed = '' } of tools.filter((tool) => !isToolOver(tool))) {
      const call = new ToolCall(this.#parts.held, id, name, this.#parts.answer, input !== undefined)
      call.restore(printed, approval)
      this.#calls.set(id, call)
      this.#given.add(call)
    }
  }

  /**
   * Takes up these calls: those that waited for a decision go on waiting, the others have failed, for nobody knows how far they
   * came. Resolves with all of them, ended.
   */
  async takeUp(tools: readonly ToolPicture[], started: ReadonlySet<string>): Promise<ReadonlyMap<string, ToolPicture>> {
    const ended = tools.map(async (picture): Promise<ToolPicture> => {
      const call = this.#calls.get(picture.call)
      if (call !== undefined && call.result === undefined) await this.#resume(call, picture, started.has(call.call))
      return { ...picture, ...pictureOf(call?.result) }
    })
    return new Map((await Promise.all(ended)).map((tool) => [tool.call, tool]))
  }

  async #resume(call: ToolCall, { name, input, approval, state }: ToolPicture, started: boolean): Promise<void> {
    const tool = this.#find(name)
    if (state === 'cancelling') return void call.end({ outcome: 'cancelled' })
    if (tool === undefined || approval === undefined || started)
      return void call.end(failed('tool.interrupted', 'The server stopped while this was being done.'))
    // It may have been decided while nobody was there to hear it.
    const decision = await this.#parts.room.find(SYSTEM.id, decisionId(call.call))
    if (decision?.fact.type === 'approval.given') call.decide(decision.fact)
    const checked = await check(tool, input)
    if ('issues' in checked) call.end(failed('tool.input', checked.issues))
    else await this.#work(tool, call, checked.value, input, approval.until)
  }

  #begin(own: string | undefined, name: string, title: string | undefined, input: Json | undefined): ToolCall {
    const { held, answer } = this.#parts
    this.#count += 1
    const id = `${held.run}-${this.#count}`
    answer.call(id, name, title, input)
    const call = new ToolCall(held, id, name, answer, input !== undefined)
    this.#calls.set(id, call)
    if (own !== undefined) this.#own.set(own, call)
    return call
  }

  /** From the first look at its input to its end. */
  async #see(tool: Tool, call: ToolCall, given: unknown): Promise<ToolResult> {
    if (this.#count > this.#parts.most) return call.end(failed('tool.limit', this.#enough))
    const checked = await check(tool, given)
    if ('issues' in checked) return call.end(failed('tool.input', checked.issues))
    const until = await this.#scruple(tool, call, checked.value)
    if (typeof until === 'object') return call.end(until)
    return this.#work(tool, call, checked.value, given, until)
  }

  /** Until when an approval is needed; undefined where none is. */
  async #scruple(tool: Tool, call: ToolCall, input: unknown): Promise<number | undefined | End> {
    const { approval = false, approvalMs = APPROVAL_MS } = tool
    const { room, files, held, user, clock, journal } = this.#parts
    if (typeof approval === 'boolean') return approval ? clock.now() + approvalMs : undefined
    try {
      const asks = await approval(input, { room: room.id, run: held.run, call: call.call, user, files })
      return asks ? clock.now() + approvalMs : undefined
    } catch (cause) {
      journal.error('a tool could not say whether it needs approval', cause, { tool: tool.name })
      return failed('tool.failed', `${titleOf(tool)} failed. The cause is in the server log.`)
    }
  }

  async #work(
    tool: Tool,
    call: ToolCall,
    input: unknown,
    given: unknown,
    until: number | undefined,
  ): Promise<ToolResult> {
    if (until !== undefined) {
      const ask = call.asked ? async () => undefined : () => call.ask(until)
      const decision = await this.#decision(call, until, ask)
      if (decision === undefined) return call.result ?? call.end({ outcome: 'cancelled' })
      if (!decision.approved) return call.end(denied(decision))
      if (!(await mayBegin(call))) return call.result ?? call.end({ outcome: 'cancelled' })
    }
    const end = await this.#try(tool, call, input)
    if (end === undefined) return call.result ?? call.end({ outcome: 'cancelled' })
    const { fallback } = tool
    if (fallback === undefined || end.outcome === 'ok' || call.result !== undefined) return call.end(end)
    call.end({ ...end, outcome: 'skipped' })
    return this.use(fallback, given)
  }

  async #try(tool: Tool, call: ToolCall, input: unknown): Promise<End | undefined> {
    const { retries = 0 } = tool
    const { room, files, held, user, clock, journal } = this.#parts
    const { signal } = call.abort
    for (let number = 1; ; number += 1) {
      const context: Omit<ToolContext, 'signal'> = {
        room: room.id,
        files,
        run: held.run,
        call: call.call,
        user,
        attempt: number,
      }
      const heard = (news: ToolNews): void => this.#news(call, news)
      const end = await attempt(tool, input, context, { clock, journal, signal, heard })
      if (end === undefined || end.outcome === 'ok' || number > retries) return end
      this.#progress(call, { text: `${end.failure?.message ?? 'It failed.'} Trying again (${number} of ${retries}).` })
    }
  }

  /** Asks and waits; undefined when nobody wants the call any more. Time in which people think is not the run's. */
  async #decision(call: ToolCall, until: number, ask: () => Promise<void>): Promise<ApprovalGiven | undefined> {
    const { clock, patience } = this.#parts
    let stopTimer = (): void => undefined
    try {
      await ask()
      // A timer can wait 24 days at most.
      const left = Math.min(Math.max(0, until - clock.now()), 2_147_483_647)
      stopTimer = clock.after(left, () => void this.#expire(call))
      return await patience.pause(unlessAborted(call.abort.signal, call.decided))
    } catch {
      // The log takes nothing of this run any more.
      return undefined
    } finally {
      stopTimer()
    }
  }

  /** Time is up; but if somebody was faster, their decision stands. */
  async #expire(call: ToolCall): Promise<void> {
    const { answer, held, journal } = this.#parts
    const fact = call.decline('Nobody decided in time.')
    try {
      const draft = { by: SYSTEM, id: decisionId(call.call), fact, holding: holdingOf(held) }
      const [appended] = await answer.append([draft])
      const said = appended?.event.fact
      call.decide(said?.type === 'approval.given' ? said : fact)
    } catch (cause) {
      journal.warn('an approval could not expire', { call: call.call, cause: String(cause) })
      call.decide(fact)
    }
  }

  #news(call: ToolCall, news: ToolNews): void {
    if (call.result !== undefined) return
    if (typeof news === 'string') return call.printed(news)
    const { type: _, ...progress } = news
    this.#progress(call, progress)
  }

  #progress({ call, result }: ToolCall, { fraction, step, steps, text }: Progress): void {
    if (result !== undefined) return
    this.#parts.room.signal({
      type: 'tool.progress',
      run: this.#parts.held.run,
      call,
      ...(fraction === undefined ? {} : { fraction: Math.min(1, Math.max(0, fraction)) }),
      ...(step === undefined ? {} : { step }),
      ...(steps === undefined ? {} : { steps }),
      ...(text === undefined ? {} : { text: text.slice(0, 1_000) }),
    })
  }

  get #enough(): string {
    return `One answer may use at most ${this.#parts.most} tools.`
  }

  #find(name: string): Tool | undefined {
    return this.#parts.agent.tools?.find((tool) => tool.name === name)
  }

  #stop(reason: unknown): void {
    for (const call of this.#calls.values()) call.abort.abort(reason)
  }
}

/** Whether the log took it that the call begins, and somebody wants it still. */
async function mayBegin(call: ToolCall): Promise<boolean> {
  try {
    await call.started()
    return call.result === undefined
  } catch {
    return false
  }
}

function pictureOf(result: ToolResult | undefined): Partial<ToolPicture> {
  if (result === undefined) return {}
  const { outcome: state, output, failure } = result
  return { state, ...(output === undefined ? {} : { output }), ...(failure === undefined ? {} : { failure }) }
}

function approvalOf({ approved, reason, user }: ApprovalGiven): Omit<Approval, 'until'> {
  return { approved, ...(reason === undefined ? {} : { reason }), ...(user === undefined ? {} : { user }) }
}

function failed(code: string, message: string): End {
  return { outcome: 'failed', failure: { code, message } }
}

function denied({ user, reason }: ApprovalGiven): End {
  const who = user === undefined ? '' : `${user.name ?? user.id} denied it${reason === undefined ? '.' : ': '}`
  const code = user === undefined ? 'approval.expired' : 'tool.denied'
  return { outcome: 'denied', failure: { code, message: `${who}${reason ?? ''}` } }
}

/** The input as the tool wants it, or what is wrong with it, for the model to do better. */
async function check(
  { input }: Tool,
  given: unknown,
): Promise<{ readonly value: unknown } | { readonly issues: string }> {
  if ('jsonSchema' in input) return { value: given }
  try {
    const checked = await input['~standard'].validate(given)
    if (checked.issues === undefined) return { value: checked.value }
    const issues = checked.issues.map(({ message, path = [] }) => {
      const where = path.map((key) => String(typeof key === 'object' ? key.key : key)).join('.')
      return where === '' ? message : `${where}: ${message}`
    })
    return { issues: `The input is not valid. ${issues.join('; ')}` }
  } catch {
    return { issues: 'The input could not be checked.' }
  }
}
