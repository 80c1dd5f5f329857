import { createHash } from 'node:crypto'
import { type Answer, type Attachment, type Command, type Piece, type RoomId, roomId } from '@parley/protocol'
import { expect, test } from 'vitest'
import { standardBackoff } from '../src/backoff.ts'
import { Upload, type UploadParts } from '../src/upload.ts'
import { sourceOf } from '../src/upload-source.ts'
import { Uploads } from '../src/uploads.ts'
import { Time } from './time.ts'

const room = named('lobby')

function named(text: string): RoomId {
  const id = roomId(text)
  if (id === undefined) throw new Error(`not a room: ${text}`)
  return id
}

type Reply = (command: Command) => Answer | undefined

/** A ground whose server answers as the test says, and what it was sent. */
function ground(reply: Reply = () => undefined) {
  const time = new Time()
  const pieces: Piece[] = []
  const asked: Command[] = []
  const answers: ((answer: Answer) => void)[] = []
  const stands: UploadParts['ground'] = {
    clock: time,
    chance: { float: () => 0.5, uuid: () => 'a-random-id' },
    backoff: standardBackoff,
    ask(command, answered) {
      asked.push(command)
      answers.push((answer) => answered({ answer }))
      const answer = reply(command)
      if (answer !== undefined) answered({ answer })
    },
    send: (piece) => void pieces.push(piece),
  }
  return { time, pieces, asked, answers, stands }
}

/** A file on its way to a server that the test speaks for. */
function sending(bytes: Uint8Array, reply?: Reply) {
  const { stands, ...seen } = ground(reply)
  const parts = { room, id: 'u', name: 'x', source: sourceOf(bytes), ground: stands }
  const upload = new Upload({ ...parts, ready: () => true, progressed: () => {}, ended: () => {} })
  upload.attachment.catch(() => {})
  return { upload, ...seen }
}

function kept(text: string): Attachment {
  const sha256 = createHash('sha256').update(text).digest('hex')
  return { id: `file-${text}`, name: 'x', mediaType: 'text/plain', size: text.length, sha256 }
}

/** Up to where it was sent. */
function end(pieces: readonly Piece[]): number {
  const last = pieces.at(-1)
  return last === undefined ? 0 : last.offset + last.bytes.length
}

test('[B1] two confirmations that come at once are no end: the second makes room as well', async () => {
  const { upload, time, pieces, answers } = sending(new Uint8Array(200_000))
  const window = 16 * 1024
  upload.look()
  answers[0]?.({ type: 'upload', room, id: 'u', channel: 1, confirmed: 0, window, pieceBytes: window / 4 })
  await time.pass()
  expect(end(pieces)).toBe(window)
  // The first is too little for one more piece.
  upload.confirm(10)
  upload.confirm(window)
  await time.pass()
  expect(end(pieces)).toBe(2 * window)
})

test('[B4] a file that is there already is taken for this one only where it is this one', async () => {
  const there =
    (text: string): Reply =>
    () => ({ type: 'upload', room, id: 'u', attachment: kept(text) })
  const same = sending(Buffer.from('1.2.3'), there('1.2.3'))
  same.upload.look()
  expect((await same.upload.attachment).id).toBe('file-1.2.3')
  const other = sending(Buffer.from('9.9.9'), there('1.2.3'))
  other.upload.look()
  await expect(other.upload.attachment).rejects.toMatchObject({ problem: { code: 'id.conflict' } })
  expect(other.pieces).toEqual([])
})

test('[B3] two files of one name, size and date are two: the second is sent under an id of its own', async () => {
  let first: string | undefined
  const reply: Reply = (command) => {
    if (command.type === 'attach') return { type: 'attach', room, id: command.id, attachment: kept('9.9.9') }
    if (command.type !== 'upload') return undefined
    first ??= command.id
    if (command.id === first) return { type: 'upload', room, id: first, attachment: kept('1.2.3') }
    return { type: 'upload', room, id: command.id, channel: 1, confirmed: 0, window: 100_000, pieceBytes: 1_000 }
  }
  const { stands, asked, pieces } = ground(reply)
  const uploads = new Uploads(stands)
  const place = { room, ready: () => true }
  const part = await uploads.add(place, new File(['9.9.9'], 'VERSION', { lastModified: 1_000 }))
  expect(part.attachment.id).toBe('file-9.9.9')
  expect(pieces.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['9.9.9'])
  expect(asked.map((command) => ('id' in command ? command.id : ''))).toEqual([first, 'a-random-id', 'a-random-id'])
  // An id that the application chose is its own to keep apart.
  const chosen = uploads.add(place, new File(['9.9.9'], 'VERSION'), { id: first ?? '' })
  await expect(chosen).rejects.toMatchObject({ problem: { code: 'id.conflict' } })
})
