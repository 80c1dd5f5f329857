// The world around a command: its streams, its environment and the wish that it stop.
import type { ReadStream, WriteStream } from 'node:tty'
import pc from 'picocolors'
import { Ending, exitCodes } from './ending.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface Terminal {
  readonly env: Environment
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean }
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number }
  /** Aborts once: with an {@link Ending} of kind `interrupted`, or `ok` where the reader of stdout went away. */
  readonly stopped: AbortSignal
}

/** The terminal of this process. The second Ctrl-C ends the process at once. */
export function processTerminal(): Terminal {
  const stopping = new AbortController()
  const stdout: WriteStream = process.stdout
  const stdin: ReadStream = process.stdin
  stdout.on('error', (error: NodeJS.ErrnoException) =>
    stopping.abort(error.code === 'EPIPE' ? new Ending('ok') : new Ending('failure', error.message, { cause: error })),
  )
  process.stderr.on('error', () => {})
  const interrupt = () => {
    if (stopping.signal.aborted) process.exit(exitCodes.interrupted)
    stopping.abort(new Ending('interrupted'))
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  return { env: process.env, stdin, stdout, stderr: process.stderr, stopped: stopping.signal }
}

export function print(terminal: Terminal, line: string): void {
  terminal.stdout.write(`${line}\n`)
}

/** For people, beside the output: never part of what a pipe reads. */
export function note(terminal: Terminal, line: string): void {
  terminal.stderr.write(`${line}\n`)
}

/** Whether to colour what goes to `stream`. */
export function colourful(terminal: Terminal, asked: boolean, stream = terminal.stdout): boolean {
  if (!asked || (terminal.env.NO_COLOR ?? '') !== '') return false
  return stream.isTTY === true && terminal.env.TERM !== 'dumb'
}

export type Colours = ReturnType<typeof pc.createColors>

export function coloursFor(terminal: Terminal, asked: boolean, stream = terminal.stdout): Colours {
  return pc.createColors(colourful(terminal, asked, stream))
}

/** Rejects with the reason as soon as the signal aborts, else settles like the promise. */
export function unless<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  const stopped = Promise.withResolvers<never>()
  const stop = () => stopped.reject(signal.reason)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  return Promise.race([promise, stopped.promise]).finally(() => signal.removeEventListener('abort', stop))
}

export function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
