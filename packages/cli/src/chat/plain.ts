// The conversation of a person without a screen: what they type line by line, and what is said, line by line.
import type { Client } from '@parley/client'
import type { RoomId, Timeline } from '@parley/protocol'
import { Teller } from '../teller.ts'
import type { Colours } from '../terminal.ts'
import { Conversation, type Show } from './conversation.ts'

export interface PlainParts {
  readonly client: Client
  /** Undefined: a new one. */
  readonly room: RoomId | undefined
  readonly newRoom: () => RoomId
  readonly colours: Colours
  /** What is typed. */
  readonly lines: AsyncIterable<string>
  print(line: string): void
  note(line: string): void
}

/** Resolves when the person has had enough, or there are no more lines. */
export async function plain({ client, room, newRoom, colours, lines, print, note }: PlainParts): Promise<void> {
  let over = false
  const quit = () => {
    over = true
  }
  const show = linesShown(print, note, colours)
  const conversation = new Conversation({ client, show, newRoom, quit }, room)
  let hint: string | undefined
  const stop = conversation.subscribe(() => {
    const { view } = conversation
    if (view.hint !== hint && view.hint !== undefined) note(`* ${view.hint}`)
    hint = view.hint
  })
  try {
    for await (const line of lines) {
      conversation.typed(line)
      if (over) return
    }
  } finally {
    stop()
    conversation.end()
  }
}

function linesShown(print: (line: string) => void, note: (line: string) => void, colours: Colours): Show {
  let teller = new Teller(print, colours)
  let shown = ''
  return {
    hear(timeline: Timeline) {
      teller.hear(timeline)
      if (shown !== timeline.room) note(`* in ${timeline.room}`)
      shown = timeline.room
    },
    restart() {
      teller = new Teller(print, colours)
      shown = ''
    },
    notice: (...texts) => {
      for (const text of texts) note(`* ${text}`)
    },
  }
}
