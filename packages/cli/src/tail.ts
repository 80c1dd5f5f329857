// `parley tail`: follows a room for ever, for people as text, for programs as one JSON object per line.
import {
  applyPage,
  emptyTimeline,
  isTaskOver,
  type Message,
  type Page,
  type Position,
  type RoomId,
  type Timeline,
} from '@parley/protocol'
import type { Command } from 'commander'
import { addConnectOptions, type ConnectOptions, connected, openConnection } from './connection.ts'
import { Ending, refused } from './ending.ts'
import { type Beginning, Follow } from './follow.ts'
import { examples } from './help.ts'
import { parseCount, parsePosition, parseRoom } from './parse.ts'
import { recordsOf } from './records.ts'
import { Teller } from './teller.ts'
import { coloursFor, print, type Terminal, unless, whenAborted } from './terminal.ts'

interface TailOptions extends ConnectOptions {
  readonly fromStart?: boolean
  readonly history: number
  readonly after?: Position
  readonly json?: boolean
}

export function addTail(program: Command, terminal: Terminal): void {
  const command = program
    .command('tail')
    .summary('follow a room')
    .description(
      `Follow a room until Ctrl-C, over lost connections and restarts of the server: every event once and in order.
On a terminal the events are told as text. Elsewhere, or with --json, each is one line of JSON:
  {"room","epoch","seq","at","by":{"id","kind","name"},"id","fact":{"type",...}}
Pieces of a message that is being written come joined, and not at all once it is whole: "message.closed" has all of it.
Where the room's log can't tell what followed, a line {"room","epoch","reset","after"} says why.`,
    )
    .argument('<room>', 'the room', parseRoom)
    .option('--history <n>', 'begin with the last n events', parseCount(0), 10)
    .option('--from-start', 'begin with the first event that is kept')
    .option('--after <epoch/seq>', 'begin after this position, as `parley send` prints it', parsePosition)
    .option('--json', 'JSON on a terminal too')
  addConnectOptions(command)
    .addHelpText(
      'after',
      examples(
        ['watch a room', 'parley tail lobby'],
        [
          'all that was ever said',
          'parley tail lobby --from-start | jq -r \'select(.fact.type=="message.posted").fact.parts[].text\'',
        ],
        ['go on where the last run ended', 'parley tail lobby --after 3f2a/128 >> lobby.ndjson'],
      ),
    )
    .action((room: RoomId, options: TailOptions) => tail(room, options, terminal))
}

async function tail(room: RoomId, options: TailOptions, terminal: Terminal): Promise<void> {
  const gone = new AbortController()
  const json = options.json === true || terminal.stdout.isTTY !== true
  const page = json ? jsonTeller(terminal) : textTeller(room, options, terminal)
  const follow = new Follow(room, beginningOf(options), { page, refused: (why) => gone.abort(refused(why)) })
  const { client, close, lost } = await openConnection(options, terminal, (dial) => follow.over(dial))
  const ends = AbortSignal.any([terminal.stopped, gone.signal, lost().signal])
  const patience = lost(options.timeout)
  try {
    await unless(AbortSignal.any([ends, patience.signal]), connected(client))
    patience.stop()
    await whenAborted(ends)
    throw ends.reason
  } catch (error) {
    // Ctrl-C is how this is meant to end.
    if (!(error instanceof Ending && error.kind === 'interrupted')) throw error
  } finally {
    patience.stop()
    await close()
  }
}

function beginningOf({ fromStart, after, history }: TailOptions): Beginning {
  if (after !== undefined) return { after }
  return fromStart ? { first: true } : { last: history }
}

function jsonTeller(terminal: Terminal): (page: Page) => void {
  return (page) => {
    for (const record of recordsOf(page)) print(terminal, JSON.stringify(record))
  }
}

function textTeller(room: RoomId, { color }: TailOptions, terminal: Terminal): (page: Page) => void {
  const teller = new Teller((line) => print(terminal, line), coloursFor(terminal, color))
  let timeline = emptyTimeline(room)
  return (page) => {
    timeline = applyPage(timeline, page)
    teller.hear(timeline)
    timeline = forgetful(timeline)
  }
}

const KEPT = 200

/** What was told to its end is of no more use; a picture that is looked at for weeks must not grow. */
function forgetful(timeline: Timeline): Timeline {
  // What was said about messages that were told long ago is told here, and asked for by nobody.
  if (timeline.afterthoughts.size > 0) return forgetful({ ...timeline, afterthoughts: new Map() })
  if (timeline.messages.length < 2 * KEPT) return timeline
  const { messages, runs, tools, tasks } = timeline
  const open = (message: Message, index: number) => message.state === 'streaming' || index >= messages.length - KEPT
  const kept = messages.filter(open)
  const named = new Set(kept.map((message) => message.run))
  return {
    ...timeline,
    messages: kept,
    runs: new Map([...runs].filter(([id]) => named.has(id))),
    tools: new Map([...tools].filter(([, { run }]) => named.has(run))),
    tasks: new Map([...tasks].filter(([, task]) => !isTaskOver(task))),
  }
}
