// What the one who reads can do about what stands in the conversation.
import type { Message, RunId, Tool } from '@parley/protocol'
import { createContext, useContext } from 'react'

export interface Deeds {
  /** The id of the one who reads. */
  readonly me: string | undefined
  /** Allows or denies a tool that asks. Resolves with whether that was taken. */
  readonly approve: (tool: Tool, approved: boolean, reason?: string) => Promise<boolean>
  /** Stops one tool; its run goes on. */
  readonly cancel: (tool: Tool) => Promise<boolean>
  /** Has the question of a run answered anew. */
  readonly regenerate: (run: RunId) => Promise<boolean>
  /** Begins to say one's own message better. */
  readonly edit: (message: Message) => void
  /** What can be done where others read too; absent in a session. */
  readonly among?: Among
}

export interface Among {
  /** Begins to answer a message. */
  readonly reply: (message: Message) => void
  /** Resolves with whether it was taken, as the next does. */
  readonly react: (message: Message, reaction: string, on: boolean) => Promise<boolean>
  /** Removes what one has said; its place stays. */
  readonly redact: (message: Message) => Promise<boolean>
  /** Shows the message of this key. */
  readonly seek: (key: string) => void
}

/** Without deeds there is nothing to be done: an earlier version, for instance, can only be read. */
export const DeedsContext = createContext<Deeds | undefined>(undefined)

export function useDeeds(): Deeds | undefined {
  return useContext(DeedsContext)
}
