// UI message chunks, retold as thoughts.
import { isFields, type ToolOutcome } from '@parley/protocol'
import type { UIMessageChunk } from 'ai'
import { AgentFailure, type Thought } from '../seams/agent.ts'
import { boundedJsonOf, jsonOf } from './ui-message-stream-data.ts'
import { Preliminary } from './ui-message-stream-preliminary.ts'

export interface AskedApproval {
  readonly id: string
  /** The stream's own name of the call, and its name among the thoughts. */
  readonly toolCallId: string
  readonly call: string
}

interface Call {
  /** Its id among the thoughts: a stream may use an id again for a later call, a run may not. */
  readonly call: string
  readonly preliminary: Preliminary
  /** Whether the pieces of its input are JSON. */
  readonly json: boolean
  state: 'writing' | 'running' | 'over'
}

type Ended = Extract<Thought, { readonly type: 'tool.ended' }>
type Chunk<Type extends UIMessageChunk['type']> = Extract<UIMessageChunk, { type: Type }>
type Source = Chunk<'source-url' | 'source-document' | 'file' | 'reasoning-file' | 'custom'>

const unused = { code: 'tool.unused', message: 'Nothing came of this call.' }

export class Retelling {
  /** Text and reasoning that have begun and not ended, as `text/<id>` and `reasoning/<id>`. */
  readonly #open = new Set<string>()
  readonly #calls = new Map<string, Call>()
  readonly #approvals = new Map<string, AskedApproval>()
  #finished = false
  #spoke = false

  /** Throws an {@link AgentFailure} where the stream says that it failed, and where it makes no sense. */
  hear(chunk: UIMessageChunk): readonly Thought[] {
    switch (chunk.type) {
      case 'text-start':
        return this.#begin(`text/${chunk.id}`)
      case 'reasoning-start':
        return this.#begin(`reasoning/${chunk.id}`)
      case 'text-delta':
        return this.#speak(chunk)
      case 'reasoning-delta':
        this.#check(`reasoning/${chunk.id}`)
        return [{ type: 'reasoning', text: chunk.delta }]
      case 'text-end':
        return this.#close(`text/${chunk.id}`)
      case 'reasoning-end':
        return this.#close(`reasoning/${chunk.id}`)
      case 'tool-input-start':
        return this.#called(chunk)
      case 'tool-input-delta':
        return this.#typed(chunk)
      case 'tool-input-available':
        return this.#ready(chunk)
      case 'tool-input-error':
        return [...this.#ready(chunk), ...this.#failed(chunk, 'tool.input')]
      case 'tool-approval-request':
        return this.#asks(chunk)
      case 'tool-approval-response':
        this.#approvals.delete(chunk.approvalId)
        return []
      case 'tool-output-available':
        return this.#output(chunk)
      case 'tool-output-error':
        return this.#failed(chunk, 'tool.failed')
      case 'tool-output-denied':
        return this.#ended(this.#call(chunk.toolCallId), 'denied')
      case 'source-url':
      case 'source-document':
        return [sourceOf(chunk.type, chunk, chunk.sourceId)]
      case 'file':
      case 'reasoning-file':
        return [sourceOf(chunk.type, chunk)]
      case 'custom':
        return [sourceOf(chunk.kind, chunk)]
      case 'reset-step':
        return this.#takeBack()
      case 'finish':
        return this.#finish(chunk)
      case 'abort':
        throw new AgentFailure('agent.stopped', `The agent stopped: ${chunk.reason ?? 'it did not say why'}.`)
      case 'error':
        throw new AgentFailure('agent.failed', chunk.errorText.slice(0, 2_000) || 'The agent failed.')
      default:
        return dataOf(chunk)
    }
  }

  /** The approvals that people still have to decide about. */
  asked(): readonly AskedApproval[] {
    return [...this.#approvals.values()]
  }

  /** The stream has ended, and with it all tools but those that wait for approval. */
  end(): readonly Thought[] {
    if (!this.#finished && this.#open.size > 0) throw broken('broke off in the middle of its answer')
    const waiting = new Set(this.asked().map(({ call }) => call))
    this.#approvals.clear()
    this.#open.clear()
    this.#finished = false
    return this.#skip(({ call }) => !waiting.has(call))
  }

  #begin(part: string): readonly Thought[] {
    this.#open.add(part)
    return []
  }

  #close(part: string): readonly Thought[] {
    this.#check(part)
    this.#open.delete(part)
    return []
  }

  #check(part: string): void {
    if (!this.#open.has(part)) throw broken(`goes on with ${part}, which it did not begin`)
  }

  #speak({ id, delta }: Chunk<'text-delta'>): readonly Thought[] {
    this.#check(`text/${id}`)
    this.#spoke = true
    return [delta]
  }

  #call(id: string): Call {
    const call = this.#calls.get(id)
    if (call === undefined) throw broken(`goes on with the tool call ${id}, which it did not begin`)
    return call
  }

  #called(
    chunk: Chunk<'tool-input-start' | 'tool-input-available' | 'tool-input-error'>,
  ): [Extract<Thought, { readonly type: 'tool.called' }>] {
    const { type, toolCallId: id, toolName: name, title } = chunk
    const known = this.#calls.get(id)
    const call = known === undefined ? id : `${known.call}+`
    const json = type !== 'tool-input-start' || chunk.inputEncoding !== 'text'
    const state = type === 'tool-input-start' ? 'writing' : 'running'
    this.#calls.set(id, { call, json, state, preliminary: new Preliminary() })
    return [{ type: 'tool.called', call, name, ...(title === undefined ? {} : { title }) }]
  }

  #typed({ toolCallId, inputTextDelta: text }: Chunk<'tool-input-delta'>): readonly Thought[] {
    const { call, state, json } = this.#call(toolCallId)
    return state === 'writing' && json ? [{ type: 'tool.input', call, text }] : []
  }

  #ready(chunk: Chunk<'tool-input-available' | 'tool-input-error'>): readonly Thought[] {
    const known = this.#calls.get(chunk.toolCallId)
    const input = jsonOf(chunk.input)
    if (known === undefined || known.state === 'over') return [{ ...this.#called(chunk)[0], input }]
    if (known.state === 'running') return []
    known.state = 'running'
    return [{ type: 'tool.ready', call: known.call, input }]
  }

  #asks({ approvalId: id, toolCallId, isAutomatic }: Chunk<'tool-approval-request'>): readonly Thought[] {
    const { call } = this.#call(toolCallId)
    if (isAutomatic !== true) this.#approvals.set(id, { id, toolCallId, call })
    return []
  }

  #output({ toolCallId, output, preliminary }: Chunk<'tool-output-available'>): readonly Thought[] {
    const known = this.#call(toolCallId)
    if (preliminary !== true) return this.#ended(known, 'ok', { output: jsonOf(output) })
    return known.state === 'over' ? [] : [known.preliminary.hear(known.call, output)]
  }

  #failed({ toolCallId, errorText }: Chunk<'tool-output-error' | 'tool-input-error'>, code: string) {
    return this.#ended(this.#call(toolCallId), 'failed', { failure: { code, message: errorText.slice(0, 2_000) } })
  }

  #ended(known: Call, outcome: ToolOutcome, more: Pick<Ended, 'output' | 'failure'> = {}): readonly Ended[] {
    if (known.state === 'over') return []
    known.state = 'over'
    return [{ type: 'tool.ended', call: known.call, outcome, ...more }]
  }

  #skip(which: (call: Call) => boolean): readonly Thought[] {
    return [...this.#calls.values()].filter(which).flatMap((call) => this.#ended(call, 'skipped', { failure: unused }))
  }

  #takeBack(): readonly Thought[] {
    this.#open.clear()
    const skipped = this.#skip(({ state }) => state === 'writing')
    return this.#spoke ? [...skipped, '\n\n'] : skipped
  }

  #finish({ finishReason, messageMetadata }: Chunk<'finish'>): readonly Thought[] {
    this.#finished = true
    if (finishReason === 'content-filter') throw new AgentFailure('model.refused', 'The model declined to answer this.')
    const usage = usageOf(messageMetadata)
    const note = '\n\n*(The answer stops here: it is as long as it may be.)*'
    return [...usage, ...(finishReason === 'length' ? [note] : [])]
  }
}

export function broken(how: string, options?: ErrorOptions): AgentFailure {
  return new AgentFailure('agent.broken', `The agent's stream ${how}.`, options)
}

function sourceOf(name: string, { type: _, providerMetadata: __, ...data }: Source, id?: string): Thought {
  return { type: 'data', name, data: boundedJsonOf(data), ...(id === undefined ? {} : { id }) }
}

/** Data that is to be kept; nothing for chunks that are not known. */
function dataOf(chunk: UIMessageChunk): readonly Thought[] {
  if (!isData(chunk) || chunk.transient === true) return []
  const name = chunk.type.slice('data-'.length).slice(0, 128)
  return [{ type: 'data', name, data: boundedJsonOf(chunk.data), ...(chunk.id === undefined ? {} : { id: chunk.id }) }]
}

function isData(chunk: UIMessageChunk): chunk is Chunk<`data-${string}`> {
  return chunk.type.startsWith('data-')
}

/** Where a server tells usage in a message's metadata, it is as `usage` or `totalUsage` of the end. */
function usageOf(metadata: unknown): readonly Thought[] {
  const usage = isFields(metadata) ? (metadata.totalUsage ?? metadata.usage) : undefined
  if (!isFields(usage)) return []
  const { model, inputTokens, outputTokens } = usage
  if (typeof inputTokens !== 'number' || typeof outputTokens !== 'number') return []
  return [{ type: 'usage', inputTokens, outputTokens, ...(typeof model === 'string' ? { model } : {}) }]
}
