// The conversation of a person without a screen: what they type line by line, and what is said, line by line.
import type { Client, RoomPicture } from '@parley/client'
import type { RoomId } from '@parley/protocol'
import { ShownFiles } from '../shown-files.ts'
import { Teller } from '../teller.ts'
import type { Colours } from '../terminal.ts'
import { Conversation, type Show, waitingText } from './conversation.ts'
import { Milestones, waysOfTools } from './milestones.ts'

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
  let asked = 0
  let waiting = 0
  const milestones = new Milestones()
  const stop = conversation.subscribe(() => {
    const { view } = conversation
    if (view.hint !== hint && view.hint !== undefined) note(`* ${view.hint}`)
    hint = view.hint
    if (view.asking.length > asked) note('* type y to allow it, or n, or /deny and why')
    asked = view.asking.length
    if (view.waiting > waiting) note(`* ${waitingText(view.waiting)}`)
    waiting = view.waiting
    for (const line of milestones.hear(view.transfers)) note(`* ${line}`)
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
  const files = new ShownFiles()
  let teller = new Teller(print, colours, files)
  const milestones = new Milestones()
  let shown = ''
  return {
    files,
    hear(picture: RoomPicture) {
      teller.hear(picture)
      for (const line of milestones.hear(waysOfTools(picture))) note(`* ${line}`)
      if (shown !== picture.room) note(`* in ${picture.room}`)
      shown = picture.room
    },
    restart() {
      files.clear()
      teller = new Teller(print, colours, files)
      shown = ''
    },
    notice: (...texts) => {
      for (const text of texts) note(`* ${text}`)
    },
  }
}
