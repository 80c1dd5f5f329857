// One message in the conversation, by a person or an agent, whole or still growing.
import type { Author, Message, Part, Tool } from '@parley/protocol'
import { memo } from 'react'
import { Boundary } from '../boundary.tsx'
import { AgentText, PlainText } from './agent-text.tsx'
import { Byline } from './byline.tsx'
import { Dots } from './dots.tsx'
import { Ending } from './ending.tsx'
import { partsOf, textOf } from './entries.ts'
import { Fold } from './fold.tsx'
import { ToolCard } from './tool-card.tsx'
import './message.css'

interface Props {
  readonly message: Message
  readonly tools: readonly Tool[]
  /** Whether the one who reads wrote it. */
  readonly mine: boolean
  /** Whether a new group begins here, under its author's name. */
  readonly opens: boolean
}

export const MessageView = memo(function MessageView({ message, tools, mine, opens }: Props) {
  const { by, state, failure } = message
  return (
    <article
      className="message"
      aria-busy={state === 'streaming'}
      data-side={mine ? 'mine' : by.kind}
      data-opens={opens}
    >
      <Byline by={by} at={message.at} mine={mine} opens={opens} />
      <Boundary fallback={<PlainText text={textOf(message)} />}>
        <div className="message-body">
          {partsOf(message).map(({ key, part }) => (
            <PartView key={key} part={part} by={by} growing={state === 'streaming'} tools={tools} />
          ))}
          {state === 'streaming' && !tools.some(isRunning) && <Dots />}
        </div>
      </Boundary>
      {state !== 'streaming' && by.kind === 'agent' && (
        <Ending state={state} failure={failure} text={textOf(message)} />
      )}
    </article>
  )
}, same)

function same(before: Props, after: Props): boolean {
  return (
    before.message === after.message &&
    before.mine === after.mine &&
    before.opens === after.opens &&
    before.tools.length === after.tools.length &&
    before.tools.every((tool, index) => tool === after.tools[index])
  )
}

function isRunning({ state }: Tool): boolean {
  return state === 'running'
}

interface PartProps {
  readonly part: Part
  readonly by: Author
  readonly growing: boolean
  readonly tools: readonly Tool[]
}

function PartView({ part, by, growing, tools }: PartProps) {
  switch (part.type) {
    case 'text':
      return by.kind === 'user' ? <PlainText text={part.text} /> : <AgentText text={part.text} growing={growing} />
    case 'reasoning':
      return (
        <Fold className="aside" summary="Thoughts">
          {() => <PlainText text={part.text} />}
        </Fold>
      )
    case 'tool': {
      const tool = tools.find(({ call }) => call === part.call)
      return tool && <ToolCard tool={tool} />
    }
    case 'data':
      return (
        <Fold className="aside" summary={part.name}>
          {() => <pre>{JSON.stringify(part.data, null, 2)}</pre>}
        </Fold>
      )
  }
}
