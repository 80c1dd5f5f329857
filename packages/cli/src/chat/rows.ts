// The pieces of the screen: a row of the conversation, a message on its way, the state of things, the line being typed.
import type { ClientState, Pending } from '@parley/client'
import { absurd, attachmentsOf, isSession, type RoomId, textOf } from '@parley/protocol'
import { Box, Text, useAnimation } from 'ink'
import { createElement as h, type ReactNode } from 'react'
import { fileText } from '../file-lines.ts'
import { oneLine, printable } from '../printable.ts'
import { type Composer, right } from './composer.ts'
import { type View, waitingText } from './conversation.ts'
import { typingText } from './people.ts'
import type { Row } from './scroll.ts'

export function RowLine({ row }: { readonly row: Row }): ReactNode {
  if (row.kind === 'name') return h(NameLine, { row })
  return h(Box, { paddingLeft: 2 }, h(Text, styles[row.kind], `${marks[row.kind]}${row.text}` || ' '))
}

const styles = {
  text: {},
  reasoning: { dimColor: true, italic: true },
  tool: { color: 'magenta' },
  asks: { color: 'yellow', bold: true },
  output: { dimColor: true },
  data: { dimColor: true },
  file: { color: 'cyan' },
  note: { dimColor: true },
  end: { color: 'yellow' },
  notice: { dimColor: true },
} as const

const marks = {
  text: '',
  reasoning: '',
  tool: '⚙ ',
  asks: '? ',
  output: '│ ',
  data: '◇ ',
  file: '',
  note: '',
  end: '■ ',
  notice: '',
} as const

const colours = { me: 'green', user: 'blue', agent: 'cyan', system: 'yellow' } as const

function NameLine({ row }: { readonly row: Extract<Row, { kind: 'name' }> }): ReactNode {
  return h(
    Box,
    { marginTop: 1, gap: 1 },
    h(Text, { bold: true, color: colours[row.who] }, row.who === 'me' ? `${row.text} (you)` : row.text),
    h(Text, { dimColor: true }, timeOf(row.at)),
  )
}

function timeOf(at: number): string {
  return new Date(at).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' })
}

export function PendingRow({ pending }: { readonly pending: Pending }): ReactNode {
  const { state, parts, problem } = pending
  const why = problem === undefined ? '' : `: ${oneLine(problem.message)}`
  const mark = state === 'refused' ? h(Text, { color: 'red' }, `✕ refused${why} (/retry, /discard)`) : waiting[state]
  const said = [textOf(parts), ...attachmentsOf(parts).map(fileText)].filter((line) => line !== '').join('\n')
  return h(Box, { marginTop: 1, paddingLeft: 2, flexDirection: 'column' }, h(Text, {}, printable(said)), mark)
}

const waiting = {
  waiting: h(Text, { color: 'yellow' }, '◌ waits for the connection'),
  sent: h(Text, { dimColor: true }, '◌ sending'),
}

/** So many are told of each by itself. */
const MOST_TRANSFERS = 3

/** How many rows they take. */
export function heightOf({ transfers }: Pick<View, 'transfers'>): number {
  return Math.min(transfers.length, MOST_TRANSFERS + 1)
}

export function TransferRows({ transfers }: Pick<View, 'transfers'>): ReactNode {
  const more = transfers.length - MOST_TRANSFERS
  return h(
    Box,
    { flexDirection: 'column', paddingLeft: 2 },
    ...transfers.slice(0, MOST_TRANSFERS).map(({ id, text }) => h(Text, { key: id, wrap: 'truncate' }, text)),
    more > 0 && h(Text, { dimColor: true }, `… and ${more} more`),
  )
}

export function StatusLine({ view, now }: { readonly view: View; readonly now: () => number }): ReactNode {
  const { connection, room, answering, asking, typing, here, waiting, hint } = view
  const retrying = connection.status === 'reconnecting' && connection.retryAt !== undefined
  // Only so that the countdown counts.
  useAnimation({ interval: 1_000, isActive: retrying })
  const [mark, color, text] = connectionText(connection, now())
  return h(
    Box,
    { marginTop: 1, flexDirection: 'column' },
    hint !== undefined && h(Text, { color: 'yellow' }, oneLine(hint)),
    asking.length > 0
      ? h(Text, { color: 'yellow' }, `${asking.join(', ')} wants to know: y or n, or /deny and why`)
      : answering.length > 0 && h(Text, { dimColor: true }, answeringText(answering)),
    typing.length > 0 && h(Text, { dimColor: true }, typingText(typing)),
    waiting > 0 && h(Text, { color: 'yellow' }, waitingText(waiting)),
    h(
      Text,
      { wrap: 'truncate' },
      h(Text, { color }, mark),
      h(
        Text,
        { dimColor: true },
        ` ${text} · ${room === undefined ? 'in no room' : shortly(room)}${hereText(here)} · /help`,
      ),
    ),
  )
}

/** A session's uuid says nothing to people; its beginning tells it from others. */
function shortly(room: RoomId): string {
  return isSession(room) ? `${room.slice(0, 16)}…` : room
}

function hereText(here: number): string {
  return here < 2 ? '' : ` · ${here} here`
}

function answeringText(names: readonly string[]): string {
  return `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} answering · Ctrl-C stops it`
}

function connectionText(state: ClientState, now: number): readonly [mark: string, color: string, text: string] {
  const { status, actor, retryAt, problem, quality } = state
  const why = problem === undefined ? '' : `: ${oneLine(problem.message)}`
  switch (status) {
    case 'idle':
    case 'connecting':
      return ['◌', 'yellow', `connecting${why}`]
    case 'connected':
      if (quality?.poor === true)
        return ['●', 'yellow', `the connection is poor (${Math.round(quality.roundTripMs)} ms)`]
      return ['●', 'green', `connected as ${oneLine(actor?.name ?? actor?.id ?? 'somebody')}`]
    case 'reconnecting': {
      const seconds = retryAt === undefined ? 0 : Math.max(0, Math.ceil((retryAt - now) / 1_000))
      return ['◌', 'yellow', `no connection${why}, trying again ${seconds > 0 ? `in ${seconds} s` : 'now'}`]
    }
    case 'closed':
      return ['✕', 'red', `closed${why}`]
    default:
      return absurd(status)
  }
}

export function ComposerLine({ composer, color }: { readonly composer: Composer; readonly color: boolean }): ReactNode {
  const { text, cursor } = composer
  const end = right(composer)
  const under = text.slice(cursor, end)
  // A line break under the cursor keeps its place behind it.
  const [shown, rest] = under === '' || under === '\n' ? [' ', under] : [under, '']
  const here = color ? h(Text, { inverse: true }, shown) : `▏${shown === ' ' ? '' : shown}`
  return h(
    Box,
    {},
    h(Text, { color: 'green' }, '› '),
    h(Box, { flexGrow: 1 }, h(Text, {}, text.slice(0, cursor), here, rest, text.slice(end))),
  )
}
