// The agent that needs no key: answers questions about Parley with passages of its documentation, cited, never invents, and
// has a few tools to show what a room can do.
import { textOf } from '@parley/protocol'
import type { Agent, Thought, Turn } from '../seams/agent.ts'
import type { Tool } from '../seams/tool.ts'
import { closing, type Ended } from './guide-closing.ts'
import { DOC_FOLDERS } from './guide-docs.ts'
import { libraryOf } from './guide-library.ts'
import { passagesOn, passagesWith } from './guide-passages.ts'
import { fenceAfter } from './guide-sections.ts'
import { asked, type ToolName, toolsOf } from './guide-tools.ts'
import { type Wish, wishOf } from './guide-wishes.ts'
import { type Pace, paced, wordsOf } from './pace.ts'

export interface GuideOptions extends Pace {
  /**
   * Folders to look for documentation in; the first that has any is read, at the first question.
   * Default: what the package ships, else the checkout it runs from.
   */
  readonly docs?: string | readonly string[]
}

export function guide(options: GuideOptions = {}): Agent {
  const { docs = DOC_FOLDERS } = options
  const library = libraryOf(typeof docs === 'string' ? [docs] : docs)
  const tools = toolsOf(library, options)

  /** Returns what to say before going on with something else. */
  async function* answer(wish: Wish, turn: Turn): AsyncGenerator<Thought, string> {
    const unlessSteered = (): AbortSignal => AbortSignal.any([turn.signal, turn.steered])
    if ('say' in wish) return yield* told(wish.say, options, unlessSteered())
    const { use: name, input } = wish
    const ended = { ...(await turn.use(tools[name], input)), name, input }
    // What was done is told to the end; passages make room for whoever steers.
    return yield* told(await wordsAfter(ended), options, isFound(ended) ? unlessSteered() : turn.signal)
  }

  async function wordsAfter(ended: Ended): Promise<string> {
    if (!isFound(ended)) return closing(ended)
    const passages = ended.name === 'find_phrase' ? passagesWith : passagesOn
    return passages(await library.open(), asked.parse(ended.input))
  }

  return {
    id: 'guide',
    name: 'guide',
    tools: Object.values(tools),
    steers: true,
    onInterrupted: 'wait',
    async *reply(turn) {
      const heard = [turn.message, ...(turn.partial === undefined ? [] : turn.steering())]
      const wishAt = (index: number): Wish =>
        wishOf(heard[index] ?? turn.message, [...turn.history, ...heard.slice(0, index)], index > 0)
      let [done, parting] = [0, '']
      const left = leftOf(turn, tools)
      if (left !== undefined) {
        parting = yield* told(remaining(await wordsAfter(left), left.said), options, turn.signal)
        // All that ever steered the run is told again; what came after the last that was done is still to be done.
        done = 1 + heard.findLastIndex((_, index) => toolIn(wishAt(index)) === left.name)
      }
      for (; done < heard.length; done += 1) {
        if (parting !== '') yield parting
        parting = yield* answer(wishAt(done), turn)
        heard.push(...turn.steering())
      }
    },
  }
}

/** Says it, as far as it gets. Returns what to say before going on with something else. */
async function* told(text: string, pace: Pace, signal: AbortSignal): AsyncGenerator<string, string> {
  let said = ''
  for await (const word of paced(wordsOf(text), pace, signal)) {
    said += word
    yield word
  }
  return said === text ? '\n\n' : brokenOff(said)
}

/** What makes a text that was left in the middle fit to be followed by another: code ends, anything else trails off. */
function brokenOff(said: string): string {
  const fence = said.split('\n').reduce((open, line) => fenceAfter(line, open), '')
  if (fence !== '') return `\n${fence}\n\n…\n\n`
  return said === '' ? '' : '…\n\n'
}

/** What another process had done last, and what it said about that. */
function leftOf({ partial, calls }: Turn, tools: { readonly [name in ToolName]: Tool }): Left | undefined {
  const parts = partial?.parts ?? []
  const at = parts.findLastIndex(({ type }) => type === 'tool')
  const part = parts[at]
  const call = part?.type === 'tool' ? calls.get(part.call) : undefined
  if (call === undefined || !isOurs(call.name, tools)) return undefined
  const { name, state } = call
  if (state === 'writing' || state === 'asking' || state === 'running' || state === 'cancelling') return undefined
  return { ...call, name, outcome: state, said: textOf(parts.slice(at + 1)) }
}

interface Left extends Ended {
  readonly said: string
}

function isOurs(name: string, tools: { readonly [name in ToolName]: Tool }): name is ToolName {
  return Object.hasOwn(tools, name)
}

/** What of the words has not been said yet. */
function remaining(words: string, said: string): string {
  return words.startsWith(said) ? words.slice(said.length) : ''
}

function isFound({ name, outcome }: Ended): boolean {
  return outcome === 'ok' && (name === 'search_docs' || name === 'find_phrase')
}

function toolIn(wish: Wish): ToolName | undefined {
  return 'use' in wish ? wish.use : undefined
}
