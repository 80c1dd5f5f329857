import { type AttachedPart, problem, Refusal } from '@parley/protocol'
import { expect, test } from 'vitest'
import { Tray, type TrayParts } from '../src/tray.ts'
import { Turn } from '../src/watched.ts'
import { bob } from './server.ts'
import { world } from './world.ts'

const file = (name: string, bytes = 'some bytes', lastModified = 1): File => new File([bytes], name, { lastModified })

function partOf(name: string, id = `id of ${name}`): AttachedPart {
  return { type: 'file', attachment: { id, name, mediaType: 'text/plain', size: 10, sha256: 'ab' } }
}

/** A tray whose uploads end when the test says so. */
function stage(check: TrayParts['check'] = async () => undefined) {
  const uploads: { name: string; signal: AbortSignal | undefined; end: PromiseWithResolvers<AttachedPart> }[] = []
  let ids = 0
  const tray = new Tray({
    turn: new Turn(),
    chance: { uuid: () => `chosen-${++ids}` },
    upload(from, { signal }) {
      const end = Promise.withResolvers<AttachedPart>()
      uploads.push({ name: from instanceof File ? from.name : 'file', signal, end })
      return end.promise
    },
    check,
  })
  const shown = (): string[] => tray.files.map(({ name, state }) => `${name}: ${state}`)
  return { tray, uploads, shown }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('what is chosen is uploaded at once, and can be taken to be posted when it has arrived', async () => {
  const { tray, uploads, shown } = stage()
  tray.add([file('a.txt'), file('b.txt')])
  expect([shown(), uploads.length]).toEqual([['a.txt: uploading', 'b.txt: uploading'], 2])
  uploads[1]?.end.resolve(partOf('b.txt'))
  await settled()
  expect(tray.take()).toEqual([partOf('b.txt')])
  expect(shown()).toEqual(['a.txt: uploading'])
})

test('what has failed says why, and is tried once more', async () => {
  const { tray, uploads, shown } = stage()
  tray.add([file('a.exe')])
  uploads[0]?.end.reject(new Refusal('attachment.type', 'no such files here'))
  await settled()
  expect(tray.files).toMatchObject([{ state: 'failed', problem: { message: 'no such files here' } }])
  tray.retry(tray.files[0]?.id ?? '')
  expect([shown(), uploads.length, tray.files[0]?.problem]).toEqual([['a.exe: uploading'], 2, undefined])
  uploads[1]?.end.reject(new DOMException('it has changed', 'NotReadableError'))
  await settled()
  expect(tray.files).toMatchObject([{ problem: { code: 'file.unreadable', message: 'it has changed' } }])
})

test('what is removed is given up, and does not come back', async () => {
  const { tray, uploads, shown } = stage()
  tray.add([file('a.txt')])
  tray.remove(tray.files[0]?.id ?? '')
  expect(uploads[0]?.signal?.aborted).toBe(true)
  uploads[0]?.end.reject(uploads[0].signal?.reason)
  await settled()
  expect(shown()).toEqual([])
})

test('a file that lies there already is not taken twice; one that has failed is tried once more', async () => {
  const { tray, uploads, shown } = stage()
  tray.add([file('a.txt'), file('a.txt'), file('a.txt', 'some bytes', 2)])
  expect(shown()).toEqual(['a.txt: uploading', 'a.txt: uploading'])
  uploads[0]?.end.reject(new Error('the disk is gone'))
  await settled()
  tray.add([file('a.txt')])
  expect([shown(), uploads.length]).toEqual([['a.txt: uploading', 'a.txt: uploading'], 3])
})

test('more than a message can hold are not taken until others are removed', () => {
  const { tray, uploads } = stage()
  tray.add(Array.from({ length: 61 }, (_, index) => file(`${index}.txt`)))
  const last = tray.files.at(-1)
  expect([uploads.length, last?.state, last?.problem?.message]).toEqual([
    60,
    'failed',
    'a message has at most 60 files',
  ])
  tray.remove(tray.files[0]?.id ?? '')
  tray.retry(last?.id ?? '')
  expect([uploads.length, tray.files.at(-1)?.state]).toEqual([61, 'uploading'])
})

test('what was kept comes back before the others, and says so where it is not there any more', async () => {
  const gone = new Refusal('attachment.unknown', 'there is no such file')
  const { tray, shown } = stage(async ({ name }) => {
    if (name === 'old.txt') throw gone
  })
  tray.add([file('new.txt')])
  tray.restore([partOf('old.txt'), partOf('kept.txt'), { type: 'text', text: 'no file' }])
  expect(shown()).toEqual(['old.txt: done', 'kept.txt: done', 'new.txt: uploading'])
  await settled()
  expect(tray.files[0]).toMatchObject({ state: 'failed', problem: gone.problem })
  expect(tray.take()).toEqual([partOf('kept.txt')])
})

test.each([null, 'text', [1], [{ type: 'file' }], { length: 1 }])('of %j nothing is restored', (kept) => {
  const { tray, shown } = stage()
  tray.restore(kept)
  expect(shown()).toEqual([])
})

test('a file whose line is cut goes on by itself, and tells how far it has come', async () => {
  const { time, server, client } = world()
  const { tray, post } = client.room('lobby')
  server.takes = 2_000
  tray.add([file('long.txt', 'x'.repeat(5_000))])
  await time.pass(100)
  expect(tray.files).toMatchObject([{ state: 'uploading', sent: 2_000 }])
  server.takes = Number.POSITIVE_INFINITY
  server.wire.end()
  await time.pass(5_000)
  expect(tray.files).toMatchObject([{ state: 'done', sent: 5_000, part: { attachment: { name: 'long.txt' } } }])
  const [part] = tray.take()
  await Promise.all([post([{ type: 'text', text: 'look' }, ...(part === undefined ? [] : [part])]), time.pass()])
  expect(server.log('lobby').events).toMatchObject([
    { fact: { parts: [{ type: 'text' }, { attachment: { name: 'long.txt' } }] } },
  ])
})

test('what somebody has chosen is nobody else’s', async () => {
  const { time, server, client } = world()
  const room = client.room('lobby')
  server.takes = 0
  room.tray.add([file('secret.txt')])
  const direct = room.upload(file('mine.txt'))
  const refused = expect(direct).rejects.toThrow()
  await time.pass(100)
  server.actor = bob
  server.wire.end()
  await time.pass(5_000)
  await refused
  expect(room.tray.files).toEqual([])
  expect(server.heard('upload')).toEqual([])
})

test('a refusal reaches the tray in the words of the server', async () => {
  const { time, server, client } = world()
  const { tray } = client.room('lobby')
  server.decide = ({ type }) => (type === 'upload' ? problem('attachment.large', 'at most 5 bytes') : undefined)
  tray.add([file('a.txt')])
  await time.pass(100)
  expect(tray.files).toMatchObject([
    { state: 'failed', problem: { code: 'attachment.large', message: 'at most 5 bytes' } },
  ])
})
