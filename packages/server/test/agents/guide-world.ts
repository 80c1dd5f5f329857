// A guide among people: what it says and which tools it uses, as a room would see it.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Failure } from '@parley/protocol'
import { type Agent, AgentFailure, type Thought, type ToolResult, type Turn } from '../../src/seams/agent.ts'
import type { Tool, ToolNews } from '../../src/seams/tool.ts'
import { type Asking, alice, text, turn } from './turn.ts'

/** A tool that was used, in order of their beginnings. */
export interface Use {
  readonly tool: Tool
  readonly input: unknown
  readonly news: ToolNews[]
  result?: ToolResult
}

export interface Answered {
  readonly thoughts: readonly Thought[]
  readonly text: string
  readonly uses: readonly Use[]
}

export interface Circumstances extends Asking {
  /** Why tools that need approval do not get it. Default: they get it. */
  readonly denied?: string
  /** Hears each piece of news as it comes. */
  readonly heard?: (news: ToolNews) => void
}

export async function ask(agent: Agent, question: string, circumstances: Circumstances = {}): Promise<Answered> {
  const { asked, uses } = asking(question, circumstances)
  const thoughts = await Array.fromAsync(agent.reply(asked))
  return { thoughts, text: text(thoughts), uses }
}

/** A turn that runs tools as a room does, as far as a guide can tell, and what it ran. */
export function asking(question: string, circumstances: Circumstances = {}): { asked: Turn; uses: readonly Use[] } {
  const uses: Use[] = []
  const { denied, heard = () => undefined, ...more } = circumstances
  const asked = turn(question, {
    use: async (tool, input) => {
      if (typeof tool === 'string') throw new Error('the guide uses its tools as they are')
      return run(tool, input, asked, denied, heard, uses)
    },
    ...more,
  })
  return { asked, uses }
}

async function run(
  tool: Tool,
  input: unknown,
  { room, files, run: id, signal }: Turn,
  denied: string | undefined,
  heard: (news: ToolNews) => void,
  uses: Use[],
): Promise<ToolResult> {
  const use: Use = { tool, input, news: [] }
  uses.push(use)
  const call = `${id}-${uses.length}`
  const end = (result: Omit<ToolResult, 'call' | 'text'>): ToolResult => {
    use.result = { ...result, call, text: '' }
    return use.result
  }
  const fail = (failure: Failure): ToolResult => end({ outcome: 'failed', failure })
  if ('jsonSchema' in tool.input) throw new Error('the tools of the guide have schemas that check')
  const checked = await tool.input['~standard'].validate(input)
  if (checked.issues !== undefined) return fail({ code: 'tool.input', message: checked.issues[0]?.message ?? '' })
  if (tool.approval === true && denied !== undefined)
    return end({ outcome: 'denied', failure: { code: 'tool.denied', message: denied } })
  try {
    const doing = tool.execute(checked.value, { room, files, run: id, call, user: alice, attempt: 1, signal })
    const output = isNews(doing) ? await follow(doing, use, heard) : await doing
    if (signal.aborted) return end({ outcome: 'cancelled' })
    return end({ outcome: 'ok', output: JSON.parse(JSON.stringify(output)) })
  } catch (cause) {
    if (tool.fallback !== undefined) {
      end({ outcome: 'skipped' })
      return run(tool.fallback, input, turn('', { files, signal }), denied, heard, uses)
    }
    return fail(cause instanceof AgentFailure ? cause.failure : { code: 'tool.failed', message: 'It failed.' })
  }
}

async function follow(doing: AsyncIterator<ToolNews>, use: Use, heard: (news: ToolNews) => void): Promise<unknown> {
  for (;;) {
    const next = await doing.next()
    if (next.done === true) return next.value
    use.news.push(next.value)
    heard(next.value)
  }
}

function isNews(value: unknown): value is AsyncIterator<ToolNews, unknown> {
  return typeof value === 'object' && value !== null && 'next' in value
}

const folders: string[] = []

/** A folder with these files, by their paths. */
export async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-guide-'))
  folders.push(folder)
  for (const [path, markdown] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), markdown)
  }
  return folder
}

export async function removeFolders(): Promise<void> {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })))
}
