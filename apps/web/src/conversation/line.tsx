// One line of a conversation: a message and what belongs to it, or what stands between messages.
import type { RoomPicture } from '@parley/client'
import type { Author, Message } from '@parley/protocol'
import { Receipt } from '../people/receipt.tsx'
import type { Receipts } from '../people/receipts.ts'
import { Face } from './byline.tsx'
import { EarlierVersions } from './earlier-versions.tsx'
import { Ending } from './ending.tsx'
import { type Entry, usesOf } from './entries.ts'
import { MessageView } from './message.tsx'
import { nameOf } from './names.ts'
import { dayName } from './times.ts'

interface Props {
  readonly entry: Entry
  readonly picture: RoomPicture
  readonly me: string | undefined
  /** Messages that others answer, by key. */
  readonly quoted: ReadonlyMap<string, Message>
  readonly receipts: Receipts
}

export function Line({ entry, picture, me, quoted, receipts }: Props) {
  switch (entry.type) {
    case 'day':
      return (
        <h2 className="day">
          <span>{dayName(entry.at, Date.now())}</span>
        </h2>
      )
    case 'unread':
      return (
        <h2 className="day unread">
          <span>New messages</span>
        </h2>
      )
    case 'message': {
      const { message, opens, note, earlier } = entry
      const { run, replyTo } = message
      const seen = receipts.get(message.key)
      return (
        <>
          <MessageView
            message={message}
            uses={usesOf(message, picture)}
            usage={run === undefined ? undefined : picture.runs.get(run)?.usage}
            note={note}
            quoted={replyTo === undefined ? undefined : quoted.get(replyTo)}
            mine={message.by.id === me}
            opens={opens}
          />
          {earlier.length > 0 && <EarlierVersions message={message} earlier={earlier} picture={picture} me={me} />}
          {seen !== undefined && <Receipt seen={seen} />}
        </>
      )
    }
    case 'ended': {
      const { id, agent, state, failure } = entry.run
      if (state === 'running' || state === 'cancelling') return null
      return (
        <article className="message" data-side="agent" data-opens="true">
          <AgentName agent={agent} />
          <Ending state={state} failure={failure} text="" run={id} />
        </article>
      )
    }
  }
}

export function AgentName({ agent }: { readonly agent: Author }) {
  return (
    <div className="byline">
      <Face by={agent} />
      <bdi className="byline-name">{nameOf(agent)}</bdi>
    </div>
  )
}
