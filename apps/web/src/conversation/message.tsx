// One message in the conversation, by a person or an agent, whole or still growing.
import { type Author, isToolOver, type Message, type Usage } from '@parley/protocol'
import { memo, useState } from 'react'
import { Boundary } from '../boundary.tsx'
import { Attached } from '../files/attached.tsx'
import { type Piece, piecesOf } from '../files/pieces.ts'
import { ActionsButton, ActionsRow } from './actions.tsx'
import { AgentText, PlainText } from './agent-text.tsx'
import { Byline } from './byline.tsx'
import { useDeeds } from './deeds.ts'
import { Dots } from './dots.tsx'
import { Ending } from './ending.tsx'
import { gistOf, isBare, type Note, type Use } from './entries.ts'
import { Fold } from './fold.tsx'
import { MentionText } from './mention-text.tsx'
import { Quote } from './quote.tsx'
import { Reactions } from './reactions.tsx'
import { Edit, Edited, Fate, Removed } from './said.tsx'
import { SOURCE, Sources, sourcesOf } from './sources.tsx'
import { ToolCard } from './tool-card.tsx'
import './message.css'

interface Props {
  readonly message: Message
  readonly uses: readonly Use[]
  /** What the run that wrote it used of its model. */
  readonly usage?: Usage | undefined
  readonly note?: Note | undefined
  /** The message that it answers, where that is loaded. */
  readonly quoted?: Message | undefined
  /** Whether the one who reads wrote it. */
  readonly mine: boolean
  /** Whether a new group begins here, under its author's name. */
  readonly opens: boolean
}

export const MessageView = memo(function MessageView({ message, uses, usage, note, quoted, mine, opens }: Props) {
  const { by, state, failure, run, redacted, replyTo, editedAt } = message
  const among = useDeeds()?.among
  const [acting, setActing] = useState(false)
  const sources = sourcesOf(message)
  const actions = among !== undefined && state !== 'streaming' && (
    <ActionsButton open={acting} onTurn={() => setActing(!acting)} />
  )
  return (
    <article
      className="message"
      aria-busy={state === 'streaming'}
      data-key={message.key}
      data-side={mine ? 'mine' : by.kind}
      data-opens={opens}
    >
      <Byline by={by} at={message.at} mine={mine} opens={opens} />
      {replyTo !== undefined && redacted !== true && <Quote of={replyTo} quoted={quoted} />}
      <Boundary fallback={<PlainText text={gistOf(message)} />}>
        <div className="message-body" data-bare={isBare(message)}>
          {redacted === true && <Removed />}
          {piecesOf(message.parts).map((piece) =>
            piece.type === 'part' ? (
              <PartView key={piece.key} part={piece.part} by={by} growing={state === 'streaming'} uses={uses} />
            ) : (
              <Attached key={piece.key} piece={piece} parts={message.parts} />
            ),
          )}
          {sources.length > 0 && <Sources sources={sources} />}
          {state === 'streaming' && uses.every(isOver) && <Dots />}
          {editedAt !== undefined && redacted !== true && <Edited at={editedAt} />}
          {mine && among === undefined && <Edit message={message} />}
          {by.kind !== 'agent' && redacted !== true && actions}
        </div>
      </Boundary>
      {redacted !== true && <Reactions message={message} />}
      {acting && among !== undefined && redacted !== true && (
        <ActionsRow message={message} mine={mine} among={among} onDone={() => setActing(false)} />
      )}
      {note !== undefined && <Fate note={note} />}
      {state !== 'streaming' && by.kind === 'agent' && redacted !== true && (
        <Ending state={state} failure={failure} text={gistOf(message)} run={run} usage={usage}>
          {actions}
        </Ending>
      )}
    </article>
  )
}, same)

function same({ uses: before, ...one }: Props, { uses: after, ...other }: Props): boolean {
  return (
    one.message === other.message &&
    one.usage === other.usage &&
    one.note === other.note &&
    one.quoted === other.quoted &&
    one.mine === other.mine &&
    one.opens === other.opens &&
    before.length === after.length &&
    before.every(({ tool, progress }, index) => tool === after[index]?.tool && progress === after[index]?.progress)
  )
}

function isOver({ tool }: Use): boolean {
  return isToolOver(tool)
}

interface PartProps {
  readonly part: Extract<Piece, { readonly type: 'part' }>['part']
  readonly by: Author
  readonly growing: boolean
  readonly uses: readonly Use[]
}

function PartView({ part, by, growing, uses }: PartProps) {
  switch (part.type) {
    case 'text':
      return by.kind === 'user' ? <MentionText text={part.text} /> : <AgentText text={part.text} growing={growing} />
    case 'reasoning':
      return (
        <Fold className="aside" summary="Thoughts">
          {() => <PlainText text={part.text} />}
        </Fold>
      )
    case 'tool': {
      const use = uses.find(({ tool }) => tool.call === part.call)
      return use && <ToolCard tool={use.tool} progress={use.progress} />
    }
    case 'data':
      if (part.name === SOURCE) return null
      return (
        <Fold className="aside" summary={part.name}>
          {() => <pre>{JSON.stringify(part.data, null, 2)}</pre>}
        </Fold>
      )
    default:
      // Of a later version: nobody knows how to show it.
      return null
  }
}
