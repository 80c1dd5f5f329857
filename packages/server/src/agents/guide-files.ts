// How the guide looks at files: it reads every byte, and says what it found.
import { createHash } from 'node:crypto'
import { attachmentsOf, type Message } from '@parley/protocol'
import { z } from 'zod'
import type { RoomFiles } from '../seams/agent.ts'
import { AgentFailure } from '../seams/agent.ts'
import type { ToolNews } from '../seams/tool.ts'

const file = z.object({
  id: z.string().max(128),
  name: z.string().max(255),
  mediaType: z.string().max(255),
  size: z.number().int().nonnegative(),
  width: z.number().optional(),
  height: z.number().optional(),
  durationMs: z.number().optional(),
})

export const looked = z.object({ files: z.array(file).min(1).max(64).describe('what the room tells of the files') })
export type Looked = z.infer<typeof looked>

/** What was found: counted and hashed, not only repeated. */
export const found = z.array(file.omit({ id: true }).extend({ sha256: z.string() }))

/** What a tool is told of the files of a message; undefined where it has none. */
export function filesIn({ parts }: Message): Looked | undefined {
  const files = attachmentsOf(parts).map(({ id, name, mediaType, size, width, height, durationMs }) => ({
    id,
    name,
    mediaType,
    size,
    ...(width === undefined || height === undefined ? {} : { width, height }),
    ...(durationMs === undefined ? {} : { durationMs }),
  }))
  return files.length === 0 ? undefined : { files }
}

export async function* look(
  { files }: Looked,
  room: RoomFiles,
  signal: AbortSignal,
): AsyncGenerator<ToolNews, z.infer<typeof found> | undefined> {
  const all = Math.max(
    1,
    files.reduce((sum, { size }) => sum + size, 0),
  )
  const results: z.infer<typeof found> = []
  let read = 0
  let told = 0
  for (const { id, ...known } of files) {
    const hash = createHash('sha256')
    let size = 0
    try {
      for await (const bytes of room.read(id)) {
        if (signal.aborted) return undefined
        hash.update(bytes)
        size += bytes.length
        read += bytes.length
        if (read / all - told < 0.02) continue
        told = Math.min(1, read / all)
        yield { type: 'progress', fraction: told, text: known.name }
      }
    } catch (cause) {
      throw new AgentFailure('file.gone', `${known.name} is not there any more.`, { cause })
    }
    results.push({ ...known, size, sha256: hash.digest('hex') })
  }
  return results
}

/** What is said of them. */
export function wordsOn(files: z.infer<typeof found>): string {
  return files.map(sentenceOn).join('\n')
}

type Found = z.infer<typeof found>[number]

function sentenceOn({ name, mediaType, size, width, height, durationMs, sha256 }: Found): string {
  const facts = [
    mediaType,
    sizeOf(size),
    ...(width === undefined || height === undefined ? [] : [`${width} × ${height} pixels`]),
    ...(durationMs === undefined ? [] : [`${(durationMs / 1000).toFixed(1)} seconds`]),
  ]
  // A name is somebody's own words: it may not become markup.
  return `- \`${name.replaceAll('`', "'")}\`: ${facts.join(', ')}. SHA-256 \`${sha256}\`.`
}

const UNITS = ['KB', 'MB', 'GB']

/** "12 bytes", "4.2 KB". */
function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`
  const power = Math.min(UNITS.length, Math.floor(Math.log10(bytes) / 3))
  return `${(bytes / 1000 ** power).toFixed(1)} ${UNITS[power - 1]}`
}
