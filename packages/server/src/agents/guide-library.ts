// The documentation as the guide has it in mind: read when it is first needed, read anew on demand, and forgotten on demand.
import { findDocs, readDoc } from './guide-docs.ts'
import { type FindPhrase, phrasesIn } from './guide-phrase.ts'
import { type Search, searchIn } from './guide-search.ts'
import { type Section, sectionsIn } from './guide-sections.ts'

/** What can be searched. */
export interface Index {
  readonly size: IndexSize
  readonly search: Search
  readonly phrase: FindPhrase
  /** The first section of each document that people read, to name what can be asked about. */
  readonly topics: readonly Section[]
}

// A type, not an interface: it is told as JSON.
export type IndexSize = { readonly files: number; readonly sections: number; readonly words: number }

/** One file that was read, the `step`th of `steps`. */
interface FileRead {
  readonly file: string
  readonly step: number
  readonly steps: number
  readonly sections: number
}

export interface Library {
  /** The index in use; undefined where nothing was read yet, or it was forgotten. */
  readonly index: Index | undefined
  /** The index in use, read first where there is none. Rejects when the documentation cannot be read. */
  open(): Promise<Index>
  /** Reads all files again, one by one. Only when it comes to its end, the new index is in use. */
  readAnew(): AsyncGenerator<FileRead, Index>
  /** From here on there is no index; gives back the one that there was. */
  forget(): Index | undefined
}

const READ_BY_USERS = /^\/docs\/(?:guide\/|README|PROTOCOL)/

/** On the documentation in the first of these folders that has any. */
export function libraryOf(folders: readonly string[]): Library {
  let index: Index | undefined
  let opening: Promise<Index> | undefined

  async function* readAnew(): AsyncGenerator<FileRead, Index> {
    const fresh = yield* read(folders)
    index = fresh
    return fresh
  }

  return {
    get index() {
      return index
    },
    async open() {
      if (index !== undefined) return index
      opening ??= endOf(readAnew()).finally(() => {
        opening = undefined
      })
      return opening
    },
    readAnew,
    forget() {
      const forgotten = index
      index = undefined
      return forgotten
    },
  }
}

async function* read(folders: readonly string[]): AsyncGenerator<FileRead, Index> {
  const files = await findDocs(folders)
  const urls = new Set(files.map(({ url }) => url))
  const sections: Section[] = []
  let words = 0
  for (const [before, file] of files.entries()) {
    const doc = await readDoc(file)
    const own = sectionsIn(doc, urls)
    sections.push(...own)
    words += doc.markdown.match(/\S+/g)?.length ?? 0
    yield { file: file.file, step: before + 1, steps: files.length, sections: own.length }
  }
  return {
    size: { files: files.length, sections: sections.length, words },
    search: searchIn(sections),
    phrase: phrasesIn(sections),
    topics: topicsOf(sections),
  }
}

function topicsOf(sections: readonly Section[]): readonly Section[] {
  const topics = new Map<string, Section>()
  for (const section of sections) {
    const url = pageOf(section)
    if (!topics.has(url) && READ_BY_USERS.test(url)) topics.set(url, section)
  }
  return [...topics.values()]
}

/** Where the document of a section is shown. */
export function pageOf({ source }: Section): string {
  return source.replace(/#.*/, '')
}

async function endOf<T>(steps: AsyncGenerator<unknown, T>): Promise<T> {
  for (;;) {
    const next = await steps.next()
    if (next.done === true) return next.value
  }
}
