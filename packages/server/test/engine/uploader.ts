// Somebody who sends files over a stage's transport, as bare as the protocol allows.
import { createHash } from 'node:crypto'
import type { Attachment } from '@parley/protocol'
import type { Heard, Peer, Stage } from './stage.ts'
import { lobby } from './stage.ts'

export function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Begins an upload, and answers with its channel and how much is confirmed. */
export async function begin(
  peer: Peer,
  id: string,
  more: object = {},
): Promise<{ channel: number; confirmed: number }> {
  const reply = await peer.ask({ type: 'upload', room: lobby, id, name: `${id}.txt`, ...more })
  const { answer } = reply
  if (answer?.type !== 'upload' || 'attachment' in answer) throw new Error(`not begun: ${JSON.stringify(reply)}`)
  return answer
}

export function attach(peer: Peer, id: string, text: string, more: object = {}): Promise<Heard> {
  return peer.ask({ type: 'attach', room: lobby, id, size: text.length, sha256: sha256(text), ...more })
}

/** Uploads a whole text. */
export async function upload({ clock }: Stage, peer: Peer, id: string, text = `the file ${id}`): Promise<Attachment> {
  const { channel } = await begin(peer, id)
  if (text !== '') peer.piece(channel, 0, text)
  await clock.settle()
  return attached(await attach(peer, id, text))
}

export function attached({ answer, problem }: Heard): Attachment {
  if (answer === undefined || !('attachment' in answer) || typeof answer.attachment === 'string')
    throw new Error(`no attachment: ${JSON.stringify(problem ?? answer)}`)
  return answer.attachment
}

/** Posts a message that holds these files. */
export function show(peer: Peer, id: string, ...files: readonly string[]): Promise<Heard> {
  const parts = files.map((file) => ({ type: 'file', attachment: { id: file } }))
  return peer.ask({ type: 'post', room: lobby, id, parts })
}
