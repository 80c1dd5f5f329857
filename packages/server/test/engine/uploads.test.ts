// Files on their way to the server: piece by piece, cut and gone on with, and what is refused of them.
import { describe, expect, test } from 'vitest'
import { memoryBlobs } from '../../src/adapters/memory-blobs.ts'
import { lobby, type Peer, stage } from './stage.ts'
import { attach, attached, begin, sha256, show, upload } from './uploader.ts'

async function inLobby(options: Parameters<typeof stage>[0] = {}) {
  const scene = await stage(options)
  const alice = await scene.connect('alice')
  await alice.join()
  return { scene, alice }
}

function ended(peer: Peer): readonly (string | undefined)[] {
  return peer.of('upload.ended').map(({ problem }) => problem?.code)
}

function confirmed(peer: Peer): readonly (number | undefined)[] {
  return peer.of('upload.confirmed').map((notice) => notice.confirmed)
}

describe('an upload', () => {
  test('[B1, B2] is told where to begin, confirms what is kept, and ends as an attachment', async () => {
    const { scene, alice } = await inLobby()
    const reply = await alice.ask({ type: 'upload', room: lobby, id: 'u', name: 'a.txt', size: 11 })
    const way = { channel: 1, confirmed: 0, window: 2_097_152, pieceBytes: 131_072 }
    expect(reply.answer).toEqual({ type: 'upload', room: lobby, id: 'u', ...way })
    alice.piece(1, 0, 'hello ')
    await scene.clock.settle()
    expect(confirmed(alice)).toEqual([6])
    alice.piece(1, 6, 'world')
    const attachment = attached(await attach(alice, 'u', 'hello world'))
    const sure = { name: 'a.txt', size: 11, mediaType: 'text/plain', sha256: sha256('hello world') }
    expect(attachment).toEqual({ id: expect.any(String), ...sure })
    expect(confirmed(alice)).toEqual([6, 11])
  })

  test('[B1] may be of nothing at all', async () => {
    const { scene, alice } = await inLobby()
    expect(await upload(scene, alice, 'u', '')).toMatchObject({ size: 0, sha256: sha256('') })
  })

  test.each([5, 7, 2 ** 40])(
    '[B1] a piece at %i that does not follow ends it, and it is gone on with',
    async (offset) => {
      const { scene, alice } = await inLobby()
      const { channel } = await begin(alice, 'u')
      alice.piece(channel, 0, 'hello ')
      alice.piece(channel, offset, 'world')
      await scene.clock.settle()
      expect(ended(alice)).toEqual(['upload.offset'])
      const again = await begin(alice, 'u')
      alice.piece(again.channel, again.confirmed, 'hello world'.slice(again.confirmed))
      expect(attached(await attach(alice, 'u', 'hello world')).size).toBe(11)
    },
  )

  test('[B1] more than the window on its way ends it', async () => {
    const { scene, alice } = await inLobby({ limits: { uploadWindow: 8 } })
    const { channel } = await begin(alice, 'u')
    alice.piece(channel, 0, 'eight is')
    alice.piece(channel, 8, 'one too many')
    await scene.clock.settle()
    expect(ended(alice)).toEqual(['limit.exceeded'])
  })

  test('[B1] pieces that come after its end are nobody’s, and those of no upload are told so', async () => {
    const { scene, alice } = await inLobby()
    const { channel } = await begin(alice, 'u')
    alice.piece(channel, 3, 'x')
    alice.piece(channel, 4, 'y')
    expect(ended(alice)).toEqual(['upload.offset'])
    alice.piece(77, 0, 'x')
    expect(ended(alice)).toEqual(['upload.offset', 'upload.unknown'])
    expect(alice.bytes(new Uint8Array(5))).toBe(true)
    await scene.clock.settle()
    expect(alice.of('problem').map(({ problem }) => problem?.code)).toEqual(['message.invalid'])
    expect(alice.ended).toBeUndefined()
  })

  test('[F4] where no pieces are understood a binary message is refused', async () => {
    const { scene } = await inLobby()
    const flat = await scene.connect('alice', { dialect: 'flat' })
    expect(flat.piece(1, 0, 'x')).toBe(false)
    const stranger = await scene.connect()
    expect(stranger.piece(1, 0, 'x')).toBe(false)
  })

  test('[B11] lets commands pass between its pieces', async () => {
    const { scene, alice } = await inLobby()
    const { channel } = await begin(alice, 'u', { size: 1_000_000 })
    alice.piece(channel, 0, new Uint8Array(100_000).fill(65))
    const posted = await alice.post('m', 'meanwhile')
    expect(posted.answer?.type).toBe('post')
    alice.piece(channel, 100_000, new Uint8Array(100_000).fill(65))
    await scene.clock.settle()
    expect(confirmed(alice).at(-1)).toBe(200_000)
  })

  test('is limited in number for each connection', async () => {
    const { alice } = await inLobby({ limits: { uploads: 2 } })
    await begin(alice, 'u1')
    await begin(alice, 'u2')
    const third = await alice.ask({ type: 'upload', room: lobby, id: 'u3', name: 'x' })
    expect(third.problem?.code).toBe('limit.exceeded')
    await alice.ask({ type: 'abandon', room: lobby, id: 'u1' })
    await begin(alice, 'u3')
  })

  test('of many tiny pieces is as hasty as so many commands', async () => {
    const { alice } = await inLobby({ limits: { connectionRate: 20 } })
    const { channel } = await begin(alice, 'u')
    for (let at = 0; at < 60; at += 1) alice.piece(channel, at, 'x')
    expect(ended(alice)).toEqual(['rate.exceeded'])
  })

  test('needs the right to write', async () => {
    const { scene, alice } = await inLobby()
    scene.tokens.set('reader', { id: 'rita', kind: 'user', grants: [{ room: 'lobby', can: ['read'] }] })
    const rita = await scene.connect('reader')
    for (const command of [
      { type: 'upload', id: 'u', name: 'x' },
      { type: 'attach', id: 'u', size: 0, sha256: sha256('') },
      { type: 'abandon', id: 'u' },
    ])
      expect((await rita.ask({ ...command, room: lobby })).problem?.code).toBe('access.denied')
    expect((await alice.ask({ type: 'upload', room: 'nowhere', id: 'u', name: 'x' })).problem?.code).toBe(
      'room.unknown',
    )
  })
})

describe('going on', () => {
  test('[B3] over another connection, from what is confirmed', async () => {
    const { scene, alice } = await inLobby()
    const { channel } = await begin(alice, 'u', { size: 11 })
    alice.piece(channel, 0, 'hello ')
    await scene.clock.settle()
    alice.vanish()
    const again = await scene.connect('alice')
    const way = await begin(again, 'u', { size: 11 })
    expect(way.confirmed).toBe(6)
    again.piece(way.channel, 6, 'world')
    expect(attached(await attach(again, 'u', 'hello world')).sha256).toBe(sha256('hello world'))
  })

  test('[B3] on another server, after the first has died', async () => {
    const { scene, alice } = await inLobby()
    const { channel } = await begin(alice, 'u')
    alice.piece(channel, 0, 'hello ')
    await scene.clock.settle()
    const beside = await stage({ beside: scene, node: 'n2' })
    const again = await beside.connect('alice')
    const way = await begin(again, 'u')
    expect(way.confirmed).toBe(6)
    again.piece(way.channel, 6, 'world')
    const attachment = attached(await attach(again, 'u', 'hello world'))
    expect(attachment.sha256).toBe(sha256('hello world'))
  })

  test('[B3] after a long rest, when nothing of it is at hand any more', async () => {
    const { scene, alice } = await inLobby()
    const { channel } = await begin(alice, 'u')
    alice.piece(channel, 0, 'hello ')
    await scene.clock.settle()
    alice.vanish()
    await scene.clock.pass(120_000)
    expect(scene.engine.files?.uploads.count).toBe(0)
    const again = await scene.connect('alice')
    expect((await begin(again, 'u')).confirmed).toBe(6)
  })

  test('[B3] the newest to begin has it, and the other is told', async () => {
    const { scene, alice } = await inLobby()
    const { channel } = await begin(alice, 'u')
    alice.piece(channel, 0, 'hello ')
    await scene.clock.settle()
    const tab = await scene.connect('alice')
    const way = await begin(tab, 'u')
    expect([ended(alice), way.confirmed]).toEqual([['upload.moved'], 6])
    alice.piece(channel, 6, 'nonsense')
    tab.piece(way.channel, 6, 'world')
    await scene.clock.settle()
    expect(ended(alice)).toEqual(['upload.moved'])
    expect(attached(await attach(tab, 'u', 'hello world')).size).toBe(11)
  })

  test('[B3] the same id of another user is another upload', async () => {
    const { scene, alice } = await inLobby()
    const { channel } = await begin(alice, 'u')
    alice.piece(channel, 0, 'alice')
    const bob = await scene.connect('bob')
    const his = await begin(bob, 'u')
    expect(his.confirmed).toBe(0)
    bob.piece(his.channel, 0, 'bob')
    expect(attached(await attach(bob, 'u', 'bob')).sha256).toBe(sha256('bob'))
    expect(attached(await attach(alice, 'u', 'alice')).sha256).toBe(sha256('alice'))
  })

  test('[B3] what was abandoned begins anew', async () => {
    const { scene, alice } = await inLobby()
    const { channel } = await begin(alice, 'u')
    alice.piece(channel, 0, 'hello')
    await scene.clock.settle()
    expect((await alice.ask({ type: 'abandon', room: lobby, id: 'u' })).answer).toMatchObject({ type: 'abandon' })
    expect(await scene.blobs.partials()).toEqual([])
    expect((await begin(alice, 'u')).confirmed).toBe(0)
  })

  test('[B3] what nobody goes on with for a day is forgotten', async () => {
    const { scene, alice } = await inLobby()
    const { channel } = await begin(alice, 'u')
    alice.piece(channel, 0, 'hello')
    await scene.clock.settle()
    alice.vanish()
    await scene.clock.pass(86_000_000)
    expect(await scene.blobs.partials()).toHaveLength(1)
    await scene.clock.pass(1_000_000)
    expect(await scene.blobs.partials()).toEqual([])
  })

  test('[B4] whoever asks again is answered alike, before and after a restart', async () => {
    const { scene, alice } = await inLobby()
    const attachment = await upload(scene, alice, 'u')
    expect(attached(await attach(alice, 'u', 'the file u'))).toEqual(attachment)
    const beside = await stage({ beside: scene, node: 'n2' })
    const again = await beside.connect('alice')
    expect(attached(await attach(again, 'u', 'the file u'))).toEqual(attachment)
    expect(attached(await again.ask({ type: 'upload', room: lobby, id: 'u', name: 'u.txt' }))).toEqual(attachment)
    expect((await attach(again, 'u', 'another')).problem?.code).toBe('id.conflict')
  })
})

describe('refused is', () => {
  test('[B4] a content that is another, and nothing is kept of it', async () => {
    const { scene, alice } = await inLobby()
    const { channel } = await begin(alice, 'u')
    alice.piece(channel, 0, 'hello world')
    expect((await attach(alice, 'u', 'hello worlD')).problem?.code).toBe('upload.mismatch')
    expect(await scene.blobs.partials()).toEqual([])
    expect((await begin(alice, 'u')).confirmed).toBe(0)
  })

  test.each([
    ['fewer bytes than were sent', {}, 'hello', { size: 4 }],
    ['more bytes than were sent', {}, 'hello', { size: 6 }],
    ['fewer bytes than were announced', { size: 9 }, 'hello', {}],
  ])('[B4] %s', async (_, more, text, said) => {
    const { scene, alice } = await inLobby()
    const { channel } = await begin(alice, 'u', more)
    alice.piece(channel, 0, text)
    await scene.clock.settle()
    expect((await attach(alice, 'u', text, said)).problem?.code).toBe('upload.mismatch')
  })

  test('[B4] more than was announced, as soon as it comes', async () => {
    const { scene, alice } = await inLobby()
    const { channel } = await begin(alice, 'u', { size: 5 })
    alice.piece(channel, 0, 'hello ')
    await scene.clock.settle()
    expect(ended(alice)).toEqual(['upload.mismatch'])
  })

  test('an attach of what was never begun', async () => {
    const { alice } = await inLobby()
    expect((await attach(alice, 'u', 'x')).problem?.code).toBe('upload.unknown')
  })

  test('[B5] a type that is not taken, whatever its name says, long before it is whole', async () => {
    const { scene, alice } = await inLobby()
    const program = new Uint8Array(5_000).fill(1)
    program.set([0x7f, 0x45, 0x4c, 0x46])
    const { channel } = await begin(alice, 'u', { name: 'holiday.png', size: 1_000_000 })
    alice.piece(channel, 0, program)
    await scene.clock.settle()
    expect(ended(alice)).toEqual(['attachment.type'])
    await scene.clock.settle()
    expect(await scene.blobs.partials()).toEqual([])
  })

  test('[B5] a small one at its end', async () => {
    const { scene, alice } = await inLobby()
    const { channel } = await begin(alice, 'u')
    alice.piece(channel, 0, new Uint8Array([0x7f, 0x45, 0x4c, 0x46]))
    await scene.clock.settle()
    const program = String.fromCharCode(0x7f, 0x45, 0x4c, 0x46)
    expect((await attach(alice, 'u', program)).problem?.code).toBe('attachment.type')
  })

  test.each([
    '../../etc/passwd',
    '..\\boot.ini',
    '..',
    'a/b',
    'a\\b',
    'line\r\nset-cookie: x',
    'nul\u0000',
    'gpj.\u202Eexe',
    '',
    '   ',
    'x'.repeat(256),
    7,
  ])('[B5] the name %j', async (name) => {
    const { alice } = await inLobby()
    const reply = await alice.ask({ type: 'upload', room: lobby, id: 'u', name })
    expect(reply.problem).toMatchObject({ code: 'message.invalid', details: { field: 'name' } })
  })

  test.each(['CON', 'C:', 'naïve café 🎂.png', 'x'.repeat(255)])('[B5] not the name %j', async (name) => {
    const { scene, alice } = await inLobby()
    const { channel } = await begin(alice, 'u', { name })
    alice.piece(channel, 0, 'x')
    await scene.clock.settle()
    expect(attached(await attach(alice, 'u', 'x')).name).toBe(name)
  })

  test('[B6] a file that is too large, whether it says so or not', async () => {
    const { scene, alice } = await inLobby({ limits: { attachmentBytes: 10 } })
    const reply = await alice.ask({ type: 'upload', room: lobby, id: 'u', name: 'x', size: 11 })
    expect(reply.problem).toMatchObject({ code: 'attachment.large', details: { limit: 10 } })
    const { channel } = await begin(alice, 'v')
    alice.piece(channel, 0, 'eleven char')
    await scene.clock.settle()
    expect(ended(alice)).toEqual(['attachment.large'])
  })

  test('[B6] what is too much for its user, unfinished files counted in', async () => {
    const { scene, alice } = await inLobby({ limits: { userAttachmentBytes: 25 } })
    await upload(scene, alice, 'u1')
    await begin(alice, 'u2', { size: 10 })
    const reply = await alice.ask({ type: 'upload', room: lobby, id: 'u3', name: 'x', size: 6 })
    expect(reply.problem).toMatchObject({ code: 'quota.exceeded', details: { limit: 25, used: 21 } })
    const bob = await scene.connect('bob')
    await begin(bob, 'u3', { size: 6 })
  })

  test('[B6] what is too much for its room', async () => {
    const { scene, alice } = await inLobby({ limits: { roomAttachmentBytes: 15 } })
    await upload(scene, alice, 'u1')
    const bob = await scene.connect('bob')
    const reply = await bob.ask({ type: 'upload', room: lobby, id: 'u2', name: 'x', size: 6 })
    expect(reply.problem).toMatchObject({ code: 'quota.exceeded', details: { limit: 15, used: 11 } })
  })

  test('[B6] what does not fit on the disk, while messages are taken', async () => {
    const blobs = memoryBlobs({ now: Date.now, total: 100 })
    const { scene, alice } = await inLobby({ blobs })
    await begin(alice, 'u1', { size: 90 })
    const reply = await alice.ask({ type: 'upload', room: lobby, id: 'u2', name: 'x', size: 91 })
    expect(reply.problem).toMatchObject({ code: 'storage.full', retryAfterMs: 60_000 })
    expect((await alice.post('m', 'hello')).answer?.type).toBe('post')
    await scene.clock.settle()
  })

  test('a disk that fails, and it is gone on with when it works again', async () => {
    const blobs = memoryBlobs({ now: Date.now })
    let broken = true
    const failing = {
      ...blobs,
      partial: async (name: string) => {
        const partial = await blobs.partial(name)
        const write: typeof partial.write = async (pieces) => {
          if (broken) throw new Error('EIO')
          await partial.write(pieces)
        }
        return Object.create(partial, { write: { value: write } })
      },
    }
    const { scene, alice } = await inLobby({ blobs: failing })
    const { channel } = await begin(alice, 'u')
    alice.piece(channel, 0, 'hello')
    await scene.clock.settle()
    expect(ended(alice)).toEqual(['storage.unavailable'])
    expect(scene.journal.filter(({ level }) => level === 'error')).toHaveLength(1)
    broken = false
    const way = await begin(alice, 'u')
    alice.piece(way.channel, way.confirmed, 'hello')
    expect(attached(await attach(alice, 'u', 'hello')).size).toBe(5)
  })

  test('a message that holds a file that was never there', async () => {
    const { alice } = await inLobby()
    expect((await show(alice, 'm', 'no-such-file')).problem?.code).toBe('attachment.unknown')
  })
})
