// What the model was asked, as tests compare it.
import type { FakeRequest } from '@parley/testing'

export interface Spoken {
  readonly role: string
  /** A text, where it is nothing but one. */
  readonly content: unknown
}

export function bodyOf(request: FakeRequest | undefined): Record<string, unknown> {
  return Object(request?.body)
}

export function spokenIn(request: FakeRequest | undefined): Spoken[] {
  const { messages } = bodyOf(request)
  if (!Array.isArray(messages)) throw new Error('nothing was asked')
  return messages.map(({ role, content }) => {
    const [only, ...others] = content
    return { role, content: only?.type === 'text' && others.length === 0 ? only.text : content }
  })
}
