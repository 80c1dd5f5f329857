// Tools from servers that speak the Model Context Protocol.
import type { CallToolResult, Tool as Listed, Progress } from '@modelcontextprotocol/client'
import { isFields, isJson, type Json } from '@parley/protocol'
import { AgentFailure } from '../seams/agent.ts'
import type { Tool, ToolNews } from '../seams/tool.ts'
import { defineTool } from './define.ts'
import { outputOf, wordsOf } from './mcp-content.ts'
import { Line, type McpServer } from './mcp-line.ts'

export type { McpServer } from './mcp-line.ts'

/** What a server says of a tool. Hints: nobody checks them, so believe those of servers that you trust. */
export interface McpAnnotations {
  /** It changes nothing. Absent means no. */
  readonly readOnlyHint?: boolean | undefined
  /** What it changes may be lost. Absent means yes. */
  readonly destructiveHint?: boolean | undefined
  readonly idempotentHint?: boolean | undefined
  /** It reaches beyond its own system. Absent means yes. */
  readonly openWorldHint?: boolean | undefined
}

export interface McpOptions {
  /** Comes before the name of each tool, to tell servers apart: `files_`. Default: nothing. */
  readonly prefix?: string
  /**
   * Whether somebody must allow a call of this tool first; `name` is the server's own. Default: unless the server says that
   * the tool changes nothing, or that nothing can be lost by it. A server that says nothing is taken at its worst.
   */
  readonly approval?: (name: string, annotations: McpAnnotations) => boolean
  /** How long a call may take, ms. Default: one minute. */
  readonly timeoutMs?: number
}

export interface McpTools {
  /** As the server listed them in the beginning. */
  readonly tools: readonly Tool[]
  /** Ends the connection, and the process if there is one. Calls fail from here on. */
  close(): Promise<void>
}

/**
 * The tools of an MCP server: a process that is started here, or one on the web. Rejects with an `AgentFailure` when the
 * server cannot be reached now. When it is lost later, calls fail and the next one connects anew.
 */
export async function mcpTools(server: McpServer, options: McpOptions = {}): Promise<McpTools> {
  const line = new Line(server)
  try {
    const listed = await line.list()
    const names = namesOf(listed, options.prefix ?? '')
    return {
      tools: listed.map((tool, index) => toolOf(tool, names[index] ?? '', line, options)),
      close: () => line.close(),
    }
  } catch (error) {
    await line.close()
    throw error
  }
}

function toolOf(listed: Listed, name: string, line: Line, options: McpOptions): Tool {
  const { approval = isRisky, timeoutMs } = options
  const { annotations = {}, inputSchema } = listed
  const title = listed.title ?? annotations.title
  return defineTool({
    name,
    description: listed.description ?? title ?? listed.name,
    input: { jsonSchema: schemaOf(inputSchema) },
    approval: approval(listed.name, annotations),
    execute: (input, { signal }) => use(line, listed, input, signal),
    ...(title === undefined ? {} : { title }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  })
}

function isRisky(_: string, { readOnlyHint = false, destructiveHint = true }: McpAnnotations): boolean {
  return !readOnlyHint && destructiveHint
}

/** Names that models can use, each once: what they cannot use becomes `_`, what comes twice gets a number. */
function namesOf(listed: readonly Listed[], prefix: string): string[] {
  const names: string[] = []
  for (const { name } of listed) {
    const word = `${prefix}${name}`.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64) || 'tool'
    let unique = word
    for (let number = 2; names.includes(unique); number += 1) unique = `${word.slice(0, 60)}_${number}`
    names.push(unique)
  }
  return names
}

/** The server checks what it is given; a schema that cannot be told lets everything through. */
function schemaOf(schema: unknown): { readonly [key: string]: Json } {
  return isFields(schema) && isJson(schema) ? schema : { type: 'object' }
}

/** One call, with its progress as it comes. Only the latest matters, should more come at once. */
async function* use(line: Line, tool: Listed, input: unknown, signal: AbortSignal): AsyncGenerator<ToolNews, unknown> {
  if (!isFields(input)) throw new AgentFailure('tool.input', 'The input must be an object.')
  let latest: ToolNews | undefined
  let heard = Promise.withResolvers<void>()
  const onprogress = (progress: Progress): void => {
    latest = newsOf(progress)
    heard.resolve()
  }
  let over = false
  const calling = line.call(tool, input, { signal, onprogress })
  const ended = calling.then(
    () => {
      over = true
    },
    () => {
      over = true
    },
  )
  while (!over) {
    await Promise.race([ended, heard.promise])
    if (latest !== undefined) yield latest
    latest = undefined
    heard = Promise.withResolvers()
  }
  return resultOf(await calling)
}

function newsOf({ progress, total, message }: Progress): ToolNews {
  const fraction = total !== undefined && total > 0 ? { fraction: progress / total } : {}
  const text = message ?? ('fraction' in fraction ? undefined : `${progress}`)
  return { type: 'progress', ...fraction, ...(text === undefined ? {} : { text }) }
}

function resultOf(result: CallToolResult): Json {
  if (result.isError === true) throw new AgentFailure('tool.failed', wordsOf(result) || 'The tool failed.')
  return outputOf(result)
}
