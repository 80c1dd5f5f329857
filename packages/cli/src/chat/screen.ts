// The conversation on a terminal: what is written scrolls away above, what may still change stays at the bottom.
import type { Pending } from '@parley/client'
import { Box, render, Static, useInput, usePaste, useWindowSize } from 'ink'
import { createElement as h, type ReactNode, useRef, useState, useSyncExternalStore } from 'react'
import { type Composer, emptyComposer } from './composer.ts'
import type { Conversation, View } from './conversation.ts'
import { type Pressed, paste, press } from './keys.ts'
import { ComposerLine, PendingRow, RowLine, StatusLine } from './rows.ts'
import type { Row, Scroll } from './scroll.ts'

/** Rows that stay free for what stands below the conversation. */
const RESERVED = 6
const CLEAR_SCREEN = '\u001b[2J\u001b[H'

export interface ScreenProps {
  readonly conversation: Conversation
  /** What the conversation is shown in; it has changed when the conversation has. */
  readonly scroll: Scroll
  readonly quit: () => void
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly color: boolean
}

export function Screen({ conversation, scroll, quit, now, color }: ScreenProps): ReactNode {
  const view = useConversation(conversation)
  const composer = useComposer(conversation, quit)
  const { generation, written, live } = scroll.now
  const { rows } = useWindowSize()
  return h(
    Box,
    { flexDirection: 'column' },
    h(Written, { key: generation, rows: written }),
    h(Live, { live, pending: view.pending, height: Math.max(3, rows - RESERVED) }),
    h(StatusLine, { view, now }),
    h(ComposerLine, { composer, color }),
  )
}

function Written({ rows }: { readonly rows: readonly Row[] }): ReactNode {
  return h(Static<Row>, { items: [...rows], children: (row, index) => h(RowLine, { key: index, row }) })
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
