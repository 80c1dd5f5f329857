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

/** A document that is there and not read yet. */
export interface DocFile extends Omit<Doc, 'markdown'> {
  /** Where it lies on this machine. */
  readonly path: string
}

/**
 * The Markdown files of the first folder that has any: the well-known ones at its top, and all in its `docs`. Empty where
 * no folder has. Rejects when a folder that is there cannot be looked into.
 */
export async function findDocs(folders: readonly string[]): Promise<readonly DocFile[]> {
  for (const folder of folders) {
    const files = await filesOf(folder)
    if (files.length > 0) return files.map((file) => ({ file, url: urlOf(file), path: join(folder, file) }))
  }
  return []
}

/** Rejects when it cannot be read any more. */
export async function readDoc({ file, url, path }: DocFile): Promise<Doc> {
  return { file, url, markdown: await readFile(path, 'utf8') }
}

/** All that {@link findDocs} finds, read at once. */
export async function readDocs(folders: readonly string[]): Promise<readonly Doc[]> {
  return Promise.all((await findDocs(folders)).map(readDoc))
}

/** Where a file of the documentation is shown. */
export function urlOf(file: string): string {
  return `/docs/${file.replace(/^docs\//, '')}`
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
