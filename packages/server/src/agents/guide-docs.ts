// Where the project's own documentation lies, and how it is read.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Doc {
  /** Path in its folder, with slashes: `PROTOCOL.md`, `docs/guide/agents.md`. */
  readonly file: string
  /** Where the server shows it: `/docs/PROTOCOL.md`, `/docs/guide/agents.md`. */
  readonly url: string
  readonly markdown: string
}

const AT_THE_TOP = ['README.md', 'PROTOCOL.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md']

/** The folder that the published package ships, and the root of a checkout. */
export const DOC_FOLDERS: readonly string[] = ['../docs', '../../../..'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
)

/**
 * The Markdown of the first folder that has any of it: the well-known files at its top, and all in its `docs`.
 * Empty where no folder has. Rejects when what is there cannot be read.
 */
export async function readDocs(folders: readonly string[]): Promise<readonly Doc[]> {
  for (const folder of folders) {
    const files = await filesOf(folder)
    if (files.length > 0) return Promise.all(files.map((file) => read(folder, file)))
  }
  return []
}

/** Where a file of the documentation is shown. */
export function urlOf(file: string): string {
  return `/docs/${file.replace(/^docs\//, '')}`
}

async function read(folder: string, file: string): Promise<Doc> {
  return { file, url: urlOf(file), markdown: await readFile(join(folder, file), 'utf8') }
}

async function filesOf(folder: string): Promise<string[]> {
  const top = await namesIn(folder, false)
  const below = await namesIn(join(folder, 'docs'), true)
  const files = below.filter((name) => name.endsWith('.md')).map((name) => `docs/${name.replaceAll('\\', '/')}`)
  return [...AT_THE_TOP.filter((name) => top.includes(name)), ...files.sort()]
}

async function namesIn(folder: string, recursive: boolean): Promise<string[]> {
  try {
    return await readdir(folder, { recursive })
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return []
    throw error
  }
}
