// `parley chat`: a conversation, on a screen where there is one, else line by line.
import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import { isSession, type RoomId } from '@parley/protocol'
import type { Command } from 'commander'
import { type ApprovalOptions, addApprovalOption } from './approvals.ts'
import { pipe } from './chat/pipe.ts'
import { plain } from './chat/plain.ts'
import { addConnectOptions, type Connection, type ConnectOptions, openConnection } from './connection.ts'
import { noteConnection } from './connection-notes.ts'
import { examples } from './help.ts'
import { newSession, parseRoom } from './parse.ts'
import { colourful, coloursFor, note, print, type Terminal, unless } from './terminal.ts'

interface ChatOptions extends ConnectOptions, ApprovalOptions {
  readonly plain?: boolean
}

export function addChat(program: Command, terminal: Terminal): void {
  const command = program
    .command('chat')
    .summary('talk in a room')
    .description(
      `Talk in a room; without one, begin a private conversation with the agent. Answers appear as they are written;
a lost connection comes back by itself and nothing is lost, doubled or reordered. /help lists what can be typed.
Ctrl-C stops the answer that is being written, twice ends. The conversation stays on the server.

Where stdin or stdout is no terminal, each line of stdin is a message and each line of stdout something that was said;
it ends after the last line, when all is sent and all answers are over.`,
    )
    .argument('[room]', 'the room', parseRoom)
    .option('--name <name>', 'the name that others see, for guests; a token has its own')
    .option('--plain', 'no screen: line by line')
  addApprovalOption(command)
  addConnectOptions(command)
    .addHelpText(
      'after',
      examples(
        ['ask the agent of a local server', 'parley chat'],
        ['a room with others', 'parley chat lobby --url https://talk.example.org --token-file me.token'],
        ['several questions in a row', 'parley chat < questions.txt > answers.txt'],
      ),
    )
    .action((room: Asked, options: ChatOptions) => chat(room, options, terminal))
}

/** Undefined: a new one. */
type Asked = RoomId | undefined

const newRoom = () => newSession(randomUUID())

async function chat(room: Asked, options: ChatOptions, terminal: Terminal): Promise<void> {
  const person = terminal.stdin.isTTY === true
  const screen = person && terminal.stdout.isTTY === true && options.plain !== true && terminal.env.TERM !== 'dumb'
  const connection = await openConnection(options, terminal)
  try {
    if (screen) await onScreen(room, connection, options, terminal)
    else if (person) await byLine(room, connection, options, terminal)
    else await throughPipe(room ?? newRoom(), connection, options, terminal)
  } finally {
    await connection.close()
  }
}

async function onScreen(room: Asked, connection: Connection, options: ChatOptions, terminal: Terminal): Promise<void> {
  const { client } = connection
  const { stdin, stdout } = terminal
  const stopped = AbortSignal.any([terminal.stopped, connection.lost().signal])
  const color = colourful(terminal, options.color)
  // The screen's own way to ask for no colours; it looks when it is loaded.
  if (!color) process.env.FORCE_COLOR = '0'
  const { showScreen } = await import('./chat/screen.ts')
  const last = await showScreen({ client, room, newRoom, color, stopped, stdin, stdout })
  if (last !== undefined && isSession(last)) print(terminal, `\`parley chat ${last}\` continues this conversation.`)
}

async function byLine(room: Asked, connection: Connection, options: ChatOptions, terminal: Terminal): Promise<void> {
  const { client } = connection
  const ends = AbortSignal.any([terminal.stopped, connection.lost().signal])
  const stop = noteConnection(client, (line) => note(terminal, line), options.name)
  const talk = plain({
    client,
    room,
    newRoom,
    colours: coloursFor(terminal, options.color),
    lines: linesOf(terminal, ends),
    print: (line) => print(terminal, line),
    note: (line) => note(terminal, line),
  })
  await unless(ends, talk).finally(stop)
}

async function throughPipe(room: RoomId, connection: Connection, options: ChatOptions, terminal: Terminal) {
  const patience = connection.lost(options.timeout)
  const stopped = AbortSignal.any([terminal.stopped, patience.signal])
  const stop = noteConnection(connection.client, (line) => note(terminal, line), options.name)
  try {
    await pipe({
      client: connection.client,
      room,
      colours: coloursFor(terminal, options.color),
      approvals: options.approvals,
      lines: (ended) => linesOf(terminal, ended),
      stopped,
      print: (line) => print(terminal, line),
      note: (line) => note(terminal, line),
    })
  } finally {
    stop()
    patience.stop()
  }
}

/** Ends early when `stopped` aborts. */
function linesOf({ stdin }: Terminal, stopped: AbortSignal): AsyncIterable<string> {
  return createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY, signal: stopped })
}
