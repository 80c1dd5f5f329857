// What the guide can do besides talking: all of it real, and open to be watched, stopped and allowed.
import { z } from 'zod'
import { AgentFailure } from '../seams/agent.ts'
import type { Tool } from '../seams/tool.ts'
import { defineTool } from './define.ts'
import { calculate, LONGEST } from './guide-calculator.ts'
import { look, looked } from './guide-files.ts'
import type { Library } from './guide-library.ts'
import type { Finding } from './guide-search.ts'
import { counted } from './guide-words.ts'
import { type Pace, pause } from './pace.ts'

/** Characters of a question; what follows them is not searched for. */
export const MOST = 600
/** Findings that are told of. */
const TOLD = 8
/** Reading a file again takes as long as saying so many words, for people to see it go on. */
const WORDS_PER_FILE = 50

export const asked = z.object({
  query: z.string().max(MOST).describe('the question, or the words to look for'),
  context: z.string().max(MOST).optional().describe('what was asked before, where the question leans on it'),
  brief: z.boolean().optional().describe('whether the best that is found will do'),
})
const sum = z.object({ expression: z.string().max(LONGEST, `It is longer than ${LONGEST} characters.`) })
const nothing = z.object({})

export type Asked = z.infer<typeof asked>
export type ToolName = keyof ReturnType<typeof toolsOf>

/** By name. */
export function toolsOf(library: Library, pace: Pace) {
  const search_docs = defineTool({
    name: 'search_docs',
    title: 'Searching the documentation',
    description: 'Finds the sections of the documentation of Parley that say most about a question, best first.',
    input: asked,
    async *execute({ query, context, brief }: Asked) {
      if (library.index === undefined) yield 'Reading the documentation first.\n'
      const { search } = await library.open()
      return told(search(query, context).found, brief)
    },
  })

  const find_phrase = defineTool({
    name: 'find_phrase',
    title: 'Looking for these very words',
    description: 'Finds the sections of the documentation of Parley in which a phrase stands word by word.',
    input: asked,
    fallback: search_docs,
    async execute({ query, brief }: Asked) {
      const found = (await library.open()).phrase(query)
      if (found.length === 0) throw new AgentFailure('phrase.unknown', 'These very words stand nowhere.')
      return told(found, brief)
    },
  })

  return {
    search_docs,
    find_phrase,
    calculate: defineTool({
      name: 'calculate',
      title: 'Calculating',
      description: 'Works out an arithmetic expression, such as 12 * (3 + 4), sqrt(2) or 2^10.',
      input: sum,
      execute: ({ expression }) => calculate(expression),
    }),
    inspect_files: defineTool({
      name: 'inspect_files',
      title: 'Looking at files',
      description: 'Reads files of the room and tells what they are: type, size, dimensions, duration and SHA-256.',
      input: looked,
      timeoutMs: 600_000,
      execute: (input, { files, signal }) => look(input, files, signal),
    }),
    reindex_docs: defineTool({
      name: 'reindex_docs',
      title: 'Indexing the documentation again',
      description:
        'Reads all files of the documentation again and puts a new search index in the place of the old one.',
      input: nothing,
      timeoutMs: 600_000,
      async *execute(_, { signal }) {
        const reading = library.readAnew()
        for (;;) {
          const next = await reading.next()
          if (next.done === true) return next.value.size
          const { file, step, steps, sections } = next.value
          yield { type: 'progress', fraction: step / steps, step, steps, text: file }
          yield `${file}: ${counted(sections, 'section')}\n`
          await pause(WORDS_PER_FILE, pace, signal)
          if (signal.aborted) return
        }
      },
    }),
    forget_index: defineTool({
      name: 'forget_index',
      title: 'Clearing the search index',
      description: 'Drops the search index from memory; the next search must read the documentation first.',
      input: nothing,
      approval: true,
      execute: () => ({ forgotten: library.forget()?.size ?? null }),
    }),
  } satisfies { readonly [name: string]: Tool }
}

function told(found: readonly Finding[], brief = false) {
  return found.slice(0, brief ? 1 : TOLD).map(({ section: { trail, source }, score }) => ({
    title: trail.join(' › '),
    source,
    score: Math.round(score * 100) / 100,
  }))
}
