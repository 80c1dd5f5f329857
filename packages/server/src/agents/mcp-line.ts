// The line to an MCP server: opened when it is needed, and again after it was lost.
import { basename } from 'node:path'
import type { CallToolResult, Client, Tool as Listed, Progress, Transport } from '@modelcontextprotocol/client'
import { AgentFailure } from '../seams/agent.ts'

/** A process that speaks over its standard input and output. */
interface Local {
  readonly command: string
  readonly args?: readonly string[]
  /** Added to what every process needs (`PATH`, `HOME` and the like); nothing else of this process is handed on. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

/** A server that speaks streamable HTTP. */
interface Remote {
  readonly url: string | URL
  readonly headers?: Readonly<Record<string, string>>
}

export type McpServer = Local | Remote

export interface CallOptions {
  readonly signal: AbortSignal
  readonly onprogress: (progress: Progress) => void
}

type Package = typeof import('@modelcontextprotocol/client')

/** Calls have their time limit from elsewhere. */
const NEVER_MS = 2_147_483_647
const ME = { name: 'parley', version: '0.0.0' }
/** Characters that are kept of what a server complains of. */
const MOST_WORDS = 2_000

interface Opened {
  readonly client: Client
  /** Says goodbye. */
  close(): Promise<void>
}

export class Line {
  readonly #server: McpServer
  #opened: Promise<Opened> | undefined
  #closed = false

  constructor(server: McpServer) {
    this.#server = server
  }

  async list(): Promise<readonly Listed[]> {
    const { client } = await this.#open()
    try {
      const { tools } = await client.listTools()
      return tools
    } catch (cause) {
      throw this.#unreachable(cause)
    }
  }

  /** Rejects with an `AgentFailure`, unless the signal aborts. */
  async call(tool: Listed, input: object, options: CallOptions): Promise<CallToolResult> {
    const { client } = await this.#open()
    try {
      const params = { name: tool.name, arguments: { ...input } }
      return await client.callTool(params, { ...options, toolDefinition: tool, timeout: NEVER_MS })
    } catch (cause) {
      options.signal.throwIfAborted()
      throw await this.#failureOf(cause, client)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    const opened = await this.#opened?.catch(() => undefined)
    await opened?.close()
  }

  #open(): Promise<Opened> {
    if (this.#closed) throw new AgentFailure('tool.unreachable', `The connection to ${this.#name} was closed.`)
    if (this.#opened !== undefined) return this.#opened
    const forget = (): void => {
      if (this.#opened === opening) this.#opened = undefined
    }
    const opening = connect(this.#server).then(
      (opened) => {
        opened.client.onclose = forget
        return opened
      },
      (cause: unknown) => {
        forget()
        throw cause instanceof AgentFailure ? cause : this.#unreachable(cause)
      },
    )
    this.#opened = opening
    return opening
  }

  async #failureOf(cause: unknown, client: Client): Promise<AgentFailure> {
    const mcp = await load()
    if (cause instanceof mcp.ProtocolError)
      return new AgentFailure('tool.refused', cause.message.slice(0, MOST_WORDS), { cause })
    // The next call begins anew.
    if (isLost(cause, mcp)) await client.close().catch(() => undefined)
    return this.#unreachable(cause)
  }

  #unreachable(cause: unknown): AgentFailure {
    const message = `The tool server ${this.#name} cannot be reached at the moment.`
    return new AgentFailure('tool.unreachable', message, { cause })
  }

  /** For people: arguments and addresses may hold what is not for them. */
  get #name(): string {
    return 'url' in this.#server ? new URL(this.#server.url).host : basename(this.#server.command)
  }
}

async function connect(server: McpServer): Promise<Opened> {
  const { Client, StreamableHTTPClientTransport } = await load()
  if ('command' in server) {
    // Asking which generation of the protocol it speaks would start it twice.
    const client = new Client(ME)
    await client.connect(await processOf(server))
    return { client, close: () => client.close() }
  }
  const client = new Client(ME, { versionNegotiation: { mode: 'auto' } })
  const headers = { ...server.headers }
  const transport = new StreamableHTTPClientTransport(new URL(server.url), { requestInit: { headers } })
  await client.connect(transport)
  const close = async (): Promise<void> => {
    await transport.terminateSession().catch(() => undefined)
    await client.close()
  }
  return { client, close }
}

async function processOf({ command, args = [], env, cwd }: Local): Promise<Transport> {
  const { StdioClientTransport } = await import('@modelcontextprotocol/client/stdio')
  return new StdioClientTransport({
    command,
    args: [...args],
    ...(env === undefined ? {} : { env: { ...env } }),
    ...(cwd === undefined ? {} : { cwd }),
  })
}

/** Whether the server is not there, or does not know this connection any more. */
function isLost(cause: unknown, { SdkError, SdkErrorCode, SdkHttpError }: Package): boolean {
  if (cause instanceof SdkHttpError) return cause.status === 404
  if (!(cause instanceof SdkError)) return true
  const { NotConnected, ConnectionClosed, SendFailed } = SdkErrorCode
  return cause.code === NotConnected || cause.code === ConnectionClosed || cause.code === SendFailed
}

async function load(): Promise<Package> {
  return import('@modelcontextprotocol/client').catch((cause: unknown) => {
    const message =
      'Tools of MCP servers need the package @modelcontextprotocol/client, which is not installed on this server.'
    throw new AgentFailure('agent.unready', message, { cause })
  })
}
