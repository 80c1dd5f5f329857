// The tool calls of one step, put together from their pieces, whatever servers make of ids and indexes.
import type OpenAI from 'openai'
import type { Thought } from '../seams/agent.ts'
import type { Naming } from './openai-context.ts'

type Delta = OpenAI.ChatCompletionChunk.Choice.Delta.ToolCall

export interface Call {
  /** Ours: those of servers may be missing, or the same each time. */
  readonly id: string
  readonly name: string
  json: string
}

interface Place {
  readonly index: number | undefined
  readonly theirs: string | undefined
  readonly call: Call
}

export class Calls {
  readonly #places: Place[] = []
  readonly #name: Naming
  readonly #titles: ReadonlyMap<string, string>

  /** @param titles what people call the tools, by name */
  constructor(name: Naming, titles: ReadonlyMap<string, string>) {
    this.#name = name
    this.#titles = titles
  }

  get all(): readonly Call[] {
    return this.#places.map(({ call }) => call)
  }

  hear({ index, id, function: { name = '', arguments: json = '' } = {} }: Partial<Delta>): readonly Thought[] {
    const known = this.#find(index, id || undefined, name)
    if (known === undefined && name === '') return []
    const call = known ?? { id: this.#name(), name, json: '' }
    if (known === undefined) this.#places.push({ index, theirs: id || undefined, call })
    call.json += json
    const title = this.#titles.get(name)
    return [
      ...(known === undefined
        ? [{ type: 'tool.called' as const, call: call.id, name, ...(title === undefined ? {} : { title }) }]
        : []),
      ...(json === '' ? [] : [{ type: 'tool.input' as const, call: call.id, text: json }]),
    ]
  }

  /** A piece belongs to the call at its index. A name with another id begins a new one even there; without index, any name does. */
  #find(index: number | undefined, theirs: string | undefined, name: string): Call | undefined {
    const place =
      index === undefined ? this.#places.at(-1) : this.#places.findLast((candidate) => candidate.index === index)
    const other = theirs !== undefined && place?.theirs !== undefined && theirs !== place.theirs
    return name !== '' && (index === undefined || other) ? undefined : place?.call
  }
}
