// How a command reaches its server: the flags for it, the client they make, and when to give up.
import { readFile } from 'node:fs/promises'
import { type Client, type ClientState, connect, type Dial, nodeDial } from '@parley/client'
import type { Problem } from '@parley/protocol'
import { type Command, Option } from 'commander'
import { addressFrom, type ServerAddress } from './address.ts'
import { type Credentials, type GivenToken, givenToken, guestCredentials } from './credentials.ts'
import { Ending, messageOf, refused } from './ending.ts'
import { fetchWith } from './fetch.ts'
import { configFolder, guestsIn } from './guests.ts'
import type { Trust } from './http.ts'
import { parseDuration, parseHeader } from './parse.ts'
import { note, type Terminal } from './terminal.ts'

export interface ConnectOptions extends GivenToken {
  readonly url?: string
  readonly ca?: string
  readonly insecure?: boolean
  readonly name?: string
  readonly header?: Readonly<Record<string, string>>
  /** Milliseconds. */
  readonly timeout: number
  readonly color: boolean
}

export function addConnectOptions(command: Command): Command {
  return command
    .optionsGroup('Connection:')
    .option('--url <url>', 'the server (default: PARLEY_URL, else http://127.0.0.1:3000)')
    .option('--token <token>', 'who you are; others on this machine can see it, prefer:')
    .option('--token-file <file>', 'a file with the token (default: PARLEY_TOKEN, else a guest of the server)')
    .option('-H, --header <header>', "sent with whatever is asked, 'Name: value'; repeatable", parseHeader)
    .option('--ca <file>', 'PEM file with the certificates to trust')
    .option('--insecure', 'accept any certificate; for trials only')
    .addOption(
      new Option('--timeout <duration>', 'give up after so long without a connection')
        .argParser(parseDuration)
        .default(10_000, '10s'),
    )
    .optionsGroup('Output:')
    .option('--no-color', 'no colours')
    .option('--verbose', 'show the causes of a failure')
}

export interface Connection {
  readonly client: Client
  readonly server: ServerAddress
  /** Ends the connection. */
  close(): Promise<void>
  /**
   * Aborts with an {@link Ending} when the server closed for good, or after `ms` in a row without a connection.
   * Without `ms` it waits for ever.
   */
  lost(ms?: number): { readonly signal: AbortSignal; stop(): void }
}

/** @param besides wraps how sockets are opened, for those who listen to them besides the client. */
export async function openConnection(
  options: ConnectOptions,
  terminal: Terminal,
  besides: (dial: Dial) => Dial = (dial) => dial,
): Promise<Connection> {
  const server = addressFrom(options.url, terminal.env)
  const trust = await trustOf(options)
  if (trust.insecure) note(terminal, 'warning: the certificate of the server is not checked')
  const { token, refused: refuse } = credentialsOf(options, server, trust, terminal)
  const { dial, why } = explaining(await nodeDial({ ...trust, verify: trust.insecure !== true }))
  const client = connect(server.socket, { token, dial: besides(dial), fetch: fetchWith(trust) })
  let known: Problem | undefined
  const stop = client.subscribe(({ problem }) => {
    if (problem !== known && problem?.code.startsWith('auth.')) refuse()
    known = problem
  })
  return {
    client,
    server,
    close: () => {
      stop()
      return client.close()
    },
    lost: (ms) => watch(client, ms, (state) => whyNot(state, why(), server, ms ?? 0)),
  }
}

async function trustOf({ ca, insecure = false, header = {} }: ConnectOptions): Promise<Trust> {
  try {
    return { headers: header, insecure, ...(ca === undefined ? {} : { ca: await readFile(ca, 'utf8') }) }
  } catch (cause) {
    throw new Ending('failure', `The certificates can't be read: ${messageOf(cause)}`, { cause })
  }
}

function credentialsOf(options: ConnectOptions, server: ServerAddress, trust: Trust, { env }: Terminal): Credentials {
  const token = givenToken(options, env)
  if (token !== undefined) return { token, refused: () => {} }
  const { name } = options
  const guests = guestsIn(configFolder(env))
  return guestCredentials({ server, trust, guests, now: Date.now, ...(name === undefined ? {} : { name }) })
}

/** The same dial, and why its last socket closed. */
function explaining(dial: Dial): { readonly dial: Dial; readonly why: () => string } {
  let last = ''
  return {
    dial: (url, protocols, listener) =>
      dial(url, protocols, {
        opened: () => listener.opened(),
        received: (text) => listener.received(text),
        closed(code, reason) {
          last = reason
          listener.closed(code, reason)
        },
      }),
    why: () => last,
  }
}

function watch(client: Client, ms: number | undefined, whyOf: (state: ClientState) => Ending) {
  const end = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const look = () => {
    const { state } = client
    if (state.status === 'closed') end.abort(state.problem === undefined ? new Ending('ok') : refused(state.problem))
    if (state.status === 'connected' || state.status === 'closed') {
      clearTimeout(timer)
      timer = undefined
    } else if (ms !== undefined) timer ??= setTimeout(() => end.abort(whyOf(client.state)), ms)
  }
  const deaf = client.subscribe(look)
  look()
  return {
    signal: end.signal,
    stop() {
      deaf()
      clearTimeout(timer)
    },
  }
}

/** Resolves with the first connection. */
export function connected(client: Client): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const look = () => {
    if (client.status === 'connected') resolve()
  }
  const stop = client.subscribe(look)
  look()
  return promise.finally(stop)
}

function whyNot({ problem }: ClientState, closed: string, { origin }: ServerAddress, ms: number): Ending {
  const cause = problem?.details?.cause ?? problem?.message ?? closed
  const why = cause === '' ? '' : `: ${cause}`
  return new Ending('offline', `No connection to ${origin} within ${ms / 1_000} s${why}`)
}
