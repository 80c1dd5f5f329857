// The conversation on a terminal: what is written scrolls away above, what may still change stays at the bottom.
import type { Client, Pending } from '@parley/client'
import type { RoomId } from '@parley/protocol'
import { Box, render, Static, type StaticProps, useInput, usePaste, useWindowSize } from 'ink'
import { createElement as h, type ReactNode, useRef, useState, useSyncExternalStore } from 'react'
import { unless } from '../terminal.ts'
import { type Composer, emptyComposer } from './composer.ts'
import { Conversation, type View } from './conversation.ts'
import { type Pressed, paste, press } from './keys.ts'
import { ComposerLine, heightOf, PendingRow, RowLine, StatusLine, TransferRows } from './rows.ts'
import { type Row, Scroll } from './scroll.ts'

/** Rows that stay free for what stands below the conversation. */
const RESERVED = 8
const CLEAR_SCREEN = '\u001b[2J\u001b[H'

interface ScreenProps {
  readonly conversation: Conversation
  /** What the conversation is shown in; it has changed when the conversation has. */
  readonly scroll: Scroll
  readonly quit: () => void
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly color: boolean
}

function Screen({ conversation, scroll, quit, now, color }: ScreenProps): ReactNode {
  const view = useConversation(conversation)
  const composer = useComposer(conversation, quit)
  const { generation, written, live } = scroll.now
  const { rows } = useWindowSize()
  return h(
    Box,
    { flexDirection: 'column' },
    h(Written, { key: generation, rows: written }),
    h(Live, { live, pending: view.pending, height: Math.max(3, rows - RESERVED - heightOf(view)) }),
    h(TransferRows, { transfers: view.transfers }),
    h(StatusLine, { view, now }),
    h(ComposerLine, { composer, color }),
  )
}

function Written({ rows }: { readonly rows: readonly Row[] }): ReactNode {
  const props: StaticProps<Row> = { items: [...rows], children: (row, index) => h(RowLine, { key: index, row }) }
  return h(Static<Row>, props)
}

interface LiveProps {
  readonly live: readonly Row[]
  readonly pending: readonly Pending[]
  readonly height: number
}

/** Where it is higher than the screen, its end is seen. */
function Live({ live, pending, height }: LiveProps): ReactNode {
  return h(
    Box,
    { flexDirection: 'column', justifyContent: 'flex-end', overflow: 'hidden', maxHeight: height },
    h(
      Box,
      { flexDirection: 'column', flexShrink: 0 },
      ...live.slice(-height).map((row, index) => h(RowLine, { key: index, row })),
      ...pending.slice(-height).map((post) => h(PendingRow, { key: post.id, pending: post })),
    ),
  )
}

function useConversation(conversation: Conversation): View {
  return useSyncExternalStore(
    (hear) => conversation.subscribe(hear),
    () => conversation.view,
  )
}

/** The line being typed; several keys may come before the next rendering, so the latest one is kept aside. */
function useComposer(conversation: Conversation, quit: () => void): Composer {
  const [shown, show] = useState(emptyComposer)
  const latest = useRef(emptyComposer)
  const become = ({ composer, acts }: Pressed): void => {
    if (composer.text !== latest.current.text) conversation.writes(composer.text)
    latest.current = composer
    show(composer)
    for (const act of acts) {
      if (act.does === 'send') conversation.typed(act.text)
      else if (act.does === 'interrupt') conversation.interrupt()
      else quit()
    }
  }
  useInput((input, key) => become(press(latest.current, input, key)))
  usePaste((text) => become({ composer: paste(latest.current, text), acts: [] }))
  return shown
}

export interface ShowParts {
  readonly client: Client
  /** Undefined: a new one. */
  readonly room: RoomId | undefined
  readonly newRoom: () => RoomId
  readonly color: boolean
  /** Aborts with the reason to end. */
  readonly stopped: AbortSignal
  readonly stdin: NodeJS.ReadableStream
  readonly stdout: NodeJS.WritableStream
}

/** Shows the conversation until the person has had enough; resolves with the room they were in last. */
export async function showScreen(parts: ShowParts): Promise<RoomId | undefined> {
  const { client, room, newRoom, color, stopped, stdin, stdout } = parts
  const ended = Promise.withResolvers<void>()
  const scroll = new Scroll()
  const quit = () => ended.resolve()
  const conversation = new Conversation({ client, show: scroll, newRoom, quit }, room)
  let { generation } = scroll.now
  // Heard before the screen hears it: what was written before makes room for what is written anew.
  const stopClearing = conversation.subscribe(() => {
    if (scroll.now.generation === generation) return
    generation = scroll.now.generation
    app.clear()
    stdout.write(CLEAR_SCREEN)
  })
  const app = render(h(Screen, { conversation, scroll, quit, now: Date.now, color }), {
    stdin,
    stdout,
    exitOnCtrlC: false,
    interactive: true,
    patchConsole: false,
  })
  try {
    await Promise.race([unless(stopped, ended.promise), app.waitUntilExit()])
    return conversation.view.room
  } finally {
    stopClearing()
    conversation.end()
    app.unmount()
    await app.waitUntilExit()
  }
}
