// What there is to say about a message besides its words: what it answers, that it was edited, who reacted to it.
import { gistOf, type Message } from '@parley/protocol'
import { nameOf, oneLine } from './printable.ts'

/** Characters of a message that is named by its beginning. */
const QUOTED = 40

/** As in `“how are you?”`. */
function quoted({ parts }: Pick<Message, 'parts'>): string {
  const text = oneLine(gistOf(parts)).trim()
  return text.length <= QUOTED ? `“${text}”` : `“${text.slice(0, QUOTED - 1)}…”`
}

/** As in `↪ Ann: “how are you?”`; undefined for a message that answers none. */
export function answerNote({ replyTo }: Message, messages: readonly Message[]): string | undefined {
  if (replyTo === undefined) return undefined
  const answered = messages.findLast(({ key }) => key === replyTo)
  if (answered === undefined) return '↪ something said earlier'
  return `↪ ${nameOf(answered.by)}: ${answered.redacted === true ? REMOVED : quoted(answered)}`
}

/** As in `(edited) 👍 2`; undefined where there is nothing to say. */
export function afterNote({ editedAt, reactions = new Map() }: Message): string | undefined {
  const edited = editedAt === undefined ? [] : ['(edited)']
  const counts = [...reactions].map(([reaction, { length }]) => `${oneLine(reaction)} ${length}`)
  const all = [...edited, ...counts]
  return all.length === 0 ? undefined : all.join('  ')
}

/** Stands in the place of a message whose content was removed. */
export const REMOVED = 'message removed'

/** What is different about a message that was told before, as sentences. @param called a user's name, by id. */
export function changesOf(before: Message, now: Message, called: (user: string) => string): readonly string[] {
  if (now.redacted === true) return before.redacted === true ? [] : [`what ${nameOf(now.by)} said before is removed`]
  const edited =
    now.editedAt === before.editedAt ? [] : [`${nameOf(now.by)} edited ${quoted(before)}: ${textLine(now)}`]
  return [...edited, ...reactionsOf(before, now, called)]
}

function textLine({ parts }: Message): string {
  return oneLine(gistOf(parts))
}

function reactionsOf(before: Message, now: Message, called: (user: string) => string): readonly string[] {
  if (before.reactions === now.reactions) return []
  return [...(now.reactions ?? [])].flatMap(([reaction, users]) => {
    const had = new Set(before.reactions?.get(reaction))
    const fresh = users.filter((user) => !had.has(user))
    return fresh.map((user) => `${called(user)} ${oneLine(reaction)} ${quoted(now)}`)
  })
}
