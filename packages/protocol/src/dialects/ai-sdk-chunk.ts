// The chunks of which the AI SDK makes an answer: each is one of `UIMessageChunk` of the package `ai`.
import type { Json } from '../words.ts'

export type FinishReason = 'stop' | 'tool-calls'

export type Chunk =
  | { type: 'start'; messageId: string }
  | { type: 'start-step' | 'finish-step' }
  | { type: 'finish'; finishReason: FinishReason }
  | { type: 'abort'; reason: string }
  | { type: 'error'; errorText: string }
  | { type: 'text-start' | 'text-end' | 'reasoning-start' | 'reasoning-end'; id: string }
  | { type: 'text-delta' | 'reasoning-delta'; id: string; delta: string }
  | ({ type: 'tool-input-start' } & ToolNames)
  | { type: 'tool-input-delta'; toolCallId: string; inputTextDelta: string }
  | ({ type: 'tool-input-available'; input: Json } & ToolNames)
  | { type: 'tool-approval-request'; approvalId: string; toolCallId: string }
  | { type: 'tool-approval-response'; approvalId: string; approved: boolean; reason?: string }
  | { type: 'tool-output-available'; toolCallId: string; output: Json; dynamic: true; preliminary?: true }
  | { type: 'tool-output-error'; toolCallId: string; errorText: string; dynamic: true }
  | { type: 'tool-output-denied'; toolCallId: string }
  | { type: 'file'; mediaType: string; url: string }
  | { type: `data-${string}`; id: string; data: Json }

/**
 * Tools are of a kind that no client knows beforehand (`dynamic`), and they are run by the server (`providerExecuted`), so
 * that no client tries to run them, or waits for itself to do so.
 */
export interface ToolNames {
  toolCallId: string
  toolName: string
  title?: string
  dynamic: true
  providerExecuted: true
}
