// Which of several versions stands in the conversation, and where: a newer answer in the place of the older one, a newer question where it was asked.
import type { Message, Timeline } from '@parley/protocol'

/** A message where it stands. */
export interface Stand {
  readonly message: Message
  /** When that place in the conversation was taken, ms since 1970. */
  readonly at: number
  /** What it supersedes, oldest first: a question is followed by its answers. */
  readonly earlier: readonly Message[]
}

type Picture = Pick<Timeline, 'messages' | 'superseded'>

const none: readonly Message[] = []

export function standing({ messages, superseded }: Picture): readonly Stand[] {
  if (superseded.size === 0) return messages.map((message) => ({ message, at: message.at, earlier: none }))
  const newest = ({ supersededBy }: Message) => supersededBy && last(supersededBy, superseded)
  const earlier = Map.groupBy(messages, newest)
  const answers = Map.groupBy(earlier.get(undefined) ?? none, ({ run }) => run)
  const stands: Stand[] = []
  const moved = new Set<string | undefined>()
  for (const message of messages) {
    const { key, at, run } = message
    const by = newest(message)
    if (by === undefined) {
      if (!moved.has(run)) stands.push({ message, at, earlier: earlier.get(key) ?? none })
    } else if (!moved.has(by)) {
      moved.add(by)
      for (const [index, answer] of (answers.get(by) ?? none).entries())
        stands.push({ message: answer, at, earlier: index === 0 ? (earlier.get(by) ?? none) : none })
    }
  }
  return stands
}

/** How many versions these are: of a question its answers do not count. */
export function versionsIn(earlier: readonly Message[], { by }: Message): number {
  return earlier.filter((message) => message.by.id === by.id).length
}

/** The last of a line of versions, which is no longer than there are of them. */
function last(version: string, superseded: ReadonlyMap<string, string>): string {
  let newest = version
  for (let steps = superseded.size; steps > 0; steps -= 1) newest = superseded.get(newest) ?? newest
  return newest
}

/** Key of the message that stands where the one of this key did; undefined where that is not loaded. */
export function standsFor(key: string, { messages, superseded }: Picture): string | undefined {
  const message = messages.find((one) => one.key === key)
  const by = message?.supersededBy
  if (by === undefined) return message?.key
  const newest = last(by, superseded)
  return messages.find((one) => one.key === newest || one.run === newest)?.key
}
