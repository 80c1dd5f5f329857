import { type Answer, type Command, type Piece, type RoomId, roomId } from '@parley/protocol'
import { expect, test } from 'vitest'
import { standardBackoff } from '../src/backoff.ts'
import { Upload } from '../src/upload.ts'
import { sourceOf } from '../src/upload-source.ts'
import { Time } from './time.ts'

const room = named('lobby')

function named(text: string): RoomId {
  const id = roomId(text)
  if (id === undefined) throw new Error(`not a room: ${text}`)
  return id
}

/** A file on its way to a server that the test speaks for. */
function sending(bytes: Uint8Array) {
  const time = new Time()
  const pieces: Piece[] = []
  const asked: { readonly command: Command; readonly answer: (answer: Answer) => void }[] = []
  const upload = new Upload({
    room,
    id: 'u',
    name: 'x',
    source: sourceOf(bytes),
    ground: {
      clock: time,
      chance: { float: () => 0.5, uuid: () => 'id' },
      backoff: standardBackoff,
      ask: (command, answered) => void asked.push({ command, answer: (answer) => answered({ answer }) }),
      send: (piece) => void pieces.push(piece),
    },
    ready: () => true,
    progressed: () => {},
    ended: () => {},
  })
  return { upload, time, pieces, asked }
}

/** Up to where it was sent. */
function end(pieces: readonly Piece[]): number {
  const last = pieces.at(-1)
  return last === undefined ? 0 : last.offset + last.bytes.length
}

test('[B1] two confirmations that come at once are no end: the second makes room as well', async () => {
  const { upload, time, pieces, asked } = sending(new Uint8Array(200_000))
  const window = 64 * 1024
  upload.look()
  asked[0]?.answer({ type: 'upload', room, id: 'u', channel: 1, confirmed: 0, window, pieceBytes: window / 4 })
  await time.pass()
  expect(end(pieces)).toBe(window)
  // The first is too little for one more piece.
  upload.confirm(10)
  upload.confirm(window)
  await time.pass()
  expect(end(pieces)).toBe(2 * window)
})
