// `parley send`: says one thing, and with `--wait` prints what is answered.
import { text as readAll } from 'node:stream/consumers'
import type { Room, RoomPicture } from '@parley/client'
import type { RoomId } from '@parley/protocol'
import type { Command } from 'commander'
import { type Answer, answered, answersTo, filesIn, isOver, type Said, say, watch, words } from './answers.ts'
import { type ApprovalOptions, addApprovalOption, mindApprovals } from './approvals.ts'
import { addConnectOptions, type ConnectOptions, openConnection } from './connection.ts'
import { Ending } from './ending.ts'
import { fileLine } from './file-lines.ts'
import { examples } from './help.ts'
import { parseId, parseRoom } from './parse.ts'
import { nameOf, oneLine, printable } from './printable.ts'
import { note, print, type Terminal, unless } from './terminal.ts'

interface SendOptions extends ConnectOptions, ApprovalOptions {
  readonly wait?: boolean
  readonly json?: boolean
  readonly id?: string
}

export function addSend(program: Command, terminal: Terminal): void {
  const command = program
    .command('send')
    .summary('say one thing, and wait for the answer if you like')
    .description(
      'Post a message and end when the server has it for good: on disk, under a position in the room that is printed\n' +
        'as <epoch>/<seq>. With --wait, print the answer of the agent instead, as it is written. An agent that asks\n' +
        'whether it may use a tool is told of on stderr; --approvals says what to do about it.',
    )
    .argument('<room>', 'the room', parseRoom)
    .argument('<text...>', "the message; '-' reads it from stdin")
    .option('--wait', 'print what the agent answers, until it has ended')
    .option('--json', 'print JSON: one line for the message, one for each answer')
    .option('--id <id>', 'an id of your own: the same message sent twice is there once', parseId)
  addApprovalOption(command)
  addConnectOptions(command)
    .addHelpText(
      'after',
      examples(
        ['say something', 'parley send lobby hello everybody'],
        ['ask the agent in a room that others read', "parley send lobby --wait '@guide how do rooms work?'"],
        ['from a pipe', 'git log -1 | parley send releases -'],
        ['at most once, however often it runs', 'parley send alerts --id backup-2031-05-04 backup done'],
      ),
    )
    .action((room: RoomId, words: readonly string[], options: SendOptions) => send(room, words, options, terminal))
}

async function send(roomId: RoomId, typed: readonly string[], options: SendOptions, terminal: Terminal): Promise<void> {
  const text = await textFrom(typed, terminal)
  const { client, lost, close } = await openConnection(options, terminal)
  const patience = lost(options.timeout)
  const stopped = AbortSignal.any([terminal.stopped, patience.signal])
  const room = client.room(roomId)
  try {
    const said = await unless(
      stopped,
      say(room, text, () => client.state.actor?.id ?? '', options.id),
    )
    const { epoch, seq } = said.position
    if (options.json) print(terminal, JSON.stringify({ room: roomId, message: said.key, epoch, seq }))
    else if (!options.wait) print(terminal, `${epoch}/${seq}`)
    if (!options.wait) return
    judge(roomId, await waitFor(room, said, options, stopped, terminal))
  } finally {
    patience.stop()
    await close()
  }
}

async function waitFor(room: Room, said: Said, options: SendOptions, stopped: AbortSignal, terminal: Terminal) {
  const { approvals } = options
  const stop = watch(room, answerTeller(room, said.key, options, terminal))
  const minding = mindApprovals({
    room,
    approvals,
    ours: (id, picture) => answersTo(picture, said.key).some(({ run }) => run.id === id),
    note: (line) => note(terminal, line),
  })
  try {
    return await unless(AbortSignal.any([stopped, minding.signal]), answered(room, [said]))
  } finally {
    minding.stop()
    stop()
  }
}

async function textFrom(typed: readonly string[], { stdin, stopped }: Terminal): Promise<string> {
  const text = typed.length === 1 && typed[0] === '-' ? await unless(stopped, readAll(stdin)) : typed.join(' ')
  const trimmed = text.replace(/\s+$/, '')
  if (trimmed === '') throw new Ending('usage', 'There is nothing to send.')
  return trimmed
}

/** Tells the answers one after the other, each as it grows. */
function answerTeller(room: Room, key: string, { json = false }: SendOptions, terminal: Terminal) {
  const { stdout } = terminal
  const show = (text: string) => stdout.write(stdout.isTTY ? printable(text) : text)
  /** Answers that were told to their end, and how much was told of the next. */
  let done = 0
  let told = 0
  return (picture: RoomPicture) => {
    for (const answer of answersTo(picture, key).slice(done)) {
      const text = words(answer)
      if (!json && text.length > told) show(text.slice(told))
      told = text.length
      if (!isOver(answer)) return
      if (json) print(terminal, JSON.stringify(answerLine(room.id, answer)))
      else {
        if (text !== '' && !text.endsWith('\n')) show('\n')
        for (const file of filesIn(answer)) show(`${fileLine(file, undefined)}\n`)
      }
      done += 1
      told = 0
    }
  }
}

function answerLine(room: RoomId, { run, message }: Answer) {
  const { agent, state, failure, usage } = run
  const text = words({ run, message })
  const files = filesIn({ run, message })
  const more = {
    ...(files.length === 0 ? {} : { files }),
    ...(failure === undefined ? {} : { failure }),
    ...(usage === undefined ? {} : { usage }),
  }
  return { room, run: run.id, by: agent, outcome: state, text, ...more }
}

function judge(room: RoomId, answers: readonly Answer[]): void {
  if (answers.length === 0)
    throw new Ending('failure', `Nobody answers this in ${room}. Mention an agent, as in @guide, or ask in a session.`)
  for (const { run } of answers) {
    const { agent, state, failure } = run
    if (state === 'completed') continue
    const why = failure === undefined ? '' : `: ${oneLine(failure.message)}`
    throw new Ending(
      'failure',
      `The answer of ${nameOf(agent)} did not come to its end: ${state.replace('_', ' ')}${why}`,
    )
  }
}
