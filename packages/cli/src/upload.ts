// `parley upload`: sends files of this machine to a room, and says a message that holds them.
import type { Room, UploadProgress } from '@parley/client'
import { type AttachedPart, fileNameOf, MAX_PARTS, type Part, type RoomId } from '@parley/protocol'
import type { Command } from 'commander'
import { say } from './answers.ts'
import { addConnectOptions, type ConnectOptions, openConnection } from './connection.ts'
import { noteConnection } from './connection-notes.ts'
import { Ending } from './ending.ts'
import { bytesText, fileText, wayText } from './file-lines.ts'
import { examples } from './help.ts'
import { type LocalFile, openLocal, sendLocal } from './local-files.ts'
import { Meter } from './meter.ts'
import { parseId, parseRoom } from './parse.ts'
import { print, type Terminal, unless } from './terminal.ts'

interface UploadOptions extends ConnectOptions {
  readonly message?: string
  readonly post: boolean
  readonly json?: boolean
  readonly name?: string
  readonly id?: string
}

export function addUpload(program: Command, terminal: Terminal): void {
  const command = program
    .command('upload')
    .summary('send files')
    .description(
      `Send files to a room, post one message that holds them, and end when the server has all of it for good. The id of
each file is printed, one a line, as \`parley save\` takes it. A lost connection or a restart of the server is no matter;
after Ctrl-C the same command goes on from what has arrived, for a day.`,
    )
    .argument('<room>', 'the room', parseRoom)
    .argument('<path...>', "the files; '-' is what comes on stdin, and needs --name")
    .option('-m, --message <text>', 'what is said with them')
    .option('--no-post', 'post no message; what nobody posts is forgotten after a day')
    .option('--name <name>', 'what the file is called; only for one')
    .option('--json', 'print JSON: one line for each file, one for the message')
    .option('--id <id>', 'an id of your own: the same message posted twice is there once', parseId)
  addConnectOptions(command)
    .addHelpText(
      'after',
      examples(
        ['show a photo', "parley upload lobby photo.jpg --message 'the view from here'"],
        ['several in one message', 'parley upload lobby *.png'],
        ['from a pipe', 'pg_dump shop | gzip | parley upload backups - --name shop.sql.gz'],
        ['only the file, to be posted by something else', 'parley upload lobby report.pdf --no-post --json'],
      ),
    )
    .action((room: RoomId, paths: readonly string[], options: UploadOptions) => upload(room, paths, options, terminal))
}

async function upload(roomId: RoomId, paths: readonly string[], options: UploadOptions, terminal: Terminal) {
  // The name of a file is none of whoever sends it.
  const { name, message, post, json, id, ...connecting } = options
  if (message !== undefined && !post) throw new Ending('usage', 'A --message is what is posted; leave out --no-post.')
  if (post && paths.length + (message === undefined ? 0 : 1) > MAX_PARTS)
    throw new Ending(
      'usage',
      `These are too many for one message; it has at most ${MAX_PARTS} parts, its text included.`,
    )
  const files = await filesFrom(paths, name, terminal)
  const { client, lost, close } = await openConnection(connecting, terminal)
  const patience = lost(options.timeout)
  const stopped = AbortSignal.any([terminal.stopped, patience.signal])
  const meter = new Meter(terminal)
  const deaf = noteConnection(client, (line) => meter.note(line))
  const room = client.room(roomId)
  const sent = files.map(() => 0)
  try {
    const parts = await unless(stopped, sendAll(room, files, sent, meter))
    for (const { attachment } of parts)
      print(terminal, json ? JSON.stringify({ room: roomId, attachment }) : attachment.id)
    if (!post) return
    const caption: readonly Part[] = message === undefined ? [] : [{ type: 'text', text: message }]
    const me = () => client.state.actor?.id ?? ''
    const { key, position } = await unless(stopped, say(room, [...caption, ...parts], me, id))
    if (json) print(terminal, JSON.stringify({ room: roomId, message: key, ...position }))
  } catch (error) {
    throw isInterrupted(error) ? new Ending('interrupted', whatArrived(files, sent)) : error
  } finally {
    meter.clear()
    deaf()
    patience.stop()
    await close()
  }
}

async function filesFrom(paths: readonly string[], name: string | undefined, { stdin }: Terminal) {
  if (name !== undefined && paths.length > 1) throw new Ending('usage', 'A --name is for one file.')
  if (paths.includes('-') && name === undefined) throw new Ending('usage', 'What comes on stdin needs a --name.')
  return Promise.all(
    [...new Set(paths)].map((path): LocalFile | Promise<LocalFile> =>
      path === '-' ? { name: fileNameOf(name ?? path), from: bytesOf(stdin), size: undefined } : openLocal(path, name),
    ),
  )
}

async function* bytesOf(stdin: NodeJS.ReadableStream): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const some of stdin) yield typeof some === 'string' ? Buffer.from(some) : some
}

/**
 * Some at a time, as the client has it; `sent` tells how much of each is kept by the server. They are given up with the
 * connection and without a word, so that the same command goes on with them.
 */
function sendAll(
  room: Room,
  files: readonly LocalFile[],
  sent: number[],
  meter: Meter,
): Promise<readonly AttachedPart[]> {
  const [only] = files
  const what = files.length === 1 && only !== undefined ? only.name : `${files.length} files`
  const total = sizeOf(files)
  return Promise.all(
    files.map(async (file, index) => {
      const onProgress = (progress: UploadProgress) => {
        sent[index] = progress.sent
        meter.show(wayText(what, sum(sent), total))
      }
      const part = await sendLocal(room, file, { onProgress })
      meter.note(fileText(part.attachment))
      return part
    }),
  )
}

function isInterrupted(error: unknown): boolean {
  return error instanceof Ending && error.kind === 'interrupted'
}

/** Nothing where it cannot be gone on with. */
function whatArrived(files: readonly LocalFile[], sent: readonly number[]): string {
  const total = sizeOf(files)
  if (total === undefined || sum(sent) === 0) return ''
  return `${bytesText(sum(sent))} of ${bytesText(total)} have arrived; the same command goes on from there.`
}

/** Undefined where that of one is not known. */
function sizeOf(files: readonly LocalFile[]): number | undefined {
  return files.some(({ size }) => size === undefined) ? undefined : sum(files.map(({ size = 0 }) => size))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0)
}
