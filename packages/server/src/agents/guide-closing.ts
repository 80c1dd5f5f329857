// What the guide says when a tool has ended: it follows from how that ended alone, whichever process saw it begin.
import type { Failure, ToolOutcome } from '@parley/protocol'
import { z } from 'zod'
import { found, wordsOn } from './guide-files.ts'
import type { IndexSize } from './guide-library.ts'
import type { ToolName } from './guide-tools.ts'
import { counted } from './guide-words.ts'

export interface Ended {
  readonly name: ToolName
  readonly input?: unknown
  readonly outcome: ToolOutcome
  readonly output?: unknown
  readonly failure?: Failure
}

const size = z.object({ files: z.number(), sections: z.number(), words: z.number() })
const sum = z.object({ expression: z.string(), value: z.number(), rounded: z.boolean() })
const dropped = z.object({ forgotten: size.nullable() })

const UNDONE: { readonly [name in ToolName]: string } = {
  search_docs: 'I could not search the documentation.',
  find_phrase: 'I could not search the documentation.',
  calculate: 'I cannot calculate that.',
  inspect_files: 'I could not look at that.',
  reindex_docs: 'The documentation was not indexed again; I go on with what I had.',
  forget_index: 'I did not clear the search index.',
}

/** The end of the answer. What a search found is for the passages to say. */
export function closing(ended: Ended): string {
  const { name, outcome, output } = ended
  if (outcome !== 'ok') return `${UNDONE[name]} ${reason(ended)}`
  switch (name) {
    case 'calculate': {
      const { expression, value, rounded } = sum.parse(output)
      return `\`${expression}\` ${rounded ? '≈' : '='} **${value}**`
    }
    case 'inspect_files':
      return wordsOn(found.parse(output))
    case 'reindex_docs':
      return `I have read the documentation again: ${told(size.parse(output))}. The new index is in use.`
    case 'forget_index': {
      const { forgotten } = dropped.parse(output)
      return forgotten === null
        ? 'There was no search index to clear: nobody has searched since the server started, or since it was cleared.'
        : `The search index is cleared: ${told(forgotten)}. Whoever asks next sees me read the documentation first.`
    }
    default:
      return ''
  }
}

function told({ files, sections, words }: IndexSize): string {
  return [counted(files, 'file'), counted(sections, 'section'), counted(words, 'word')].join(', ')
}

function reason({ outcome, failure }: Ended): string {
  if (failure !== undefined) return failure.message
  return outcome === 'cancelled' ? 'Somebody stopped it.' : `It was ${outcome.replace('_', ' ')}.`
}
