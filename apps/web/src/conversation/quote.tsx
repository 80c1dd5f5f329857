// The message that another one answers, in a line that leads to it.
import { gistOf, type Message } from '@parley/protocol'
import { useDeeds } from './deeds.ts'
import { nameOf } from './names.ts'

interface Props {
  /** Its key. */
  readonly of: string
  /** Undefined where it is not loaded. */
  readonly quoted: Message | undefined
}

export function Quote({ of, quoted }: Props) {
  const among = useDeeds()?.among
  const words = (
    <>
      <bdi className={quoted === undefined ? 'visually-hidden' : undefined}>
        <span className="visually-hidden">In reply to </span>
        {quoted !== undefined && nameOf(quoted.by)}
      </bdi>
      <span>{excerptOf(quoted)}</span>
    </>
  )
  if (among === undefined) return <p className="quote">{words}</p>
  return (
    <button type="button" className="quote" onClick={() => among.seek(of)}>
      {words}
    </button>
  )
}

const MOST = 140

/** The first words of a message. */
export function excerptOf(message: Message | undefined): string {
  if (message === undefined) return 'An earlier message'
  if (message.redacted === true) return 'Message removed'
  const text = gistOf(message.parts).replace(/\s+/gu, ' ').trim()
  if (text === '') return '…'
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text
}

/** The messages that others answer, by key. */
export function quotedIn(messages: readonly Message[]): ReadonlyMap<string, Message> {
  const keys = new Set(messages.map(({ replyTo }) => replyTo))
  return new Map(messages.filter(({ key }) => keys.has(key)).map((message) => [message.key, message]))
}
