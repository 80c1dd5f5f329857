// Files that are whole: which messages may hold them, who may have them, and when they go.
import type { Attachment } from '@parley/protocol'
import { describe, expect, test } from 'vitest'
import type { Actor } from '../../src/seams/access.ts'
import { lobby, type Stage, session, stage } from './stage.ts'
import { attached, begin, sha256, show, upload } from './uploader.ts'

const alice: Actor = { id: 'alice', kind: 'user' }
const bob: Actor = { id: 'bob', kind: 'user' }

async function scene(options: Parameters<typeof stage>[0] = {}) {
  const it = await stage(options)
  const [her, him] = [await it.connect('alice'), await it.connect('bob')]
  await her.join()
  await him.join()
  return { it, her, him }
}

function files({ engine }: Stage) {
  if (engine.files === undefined) throw new Error('this stage takes files')
  return engine.files
}

async function contentOf(it: Stage, actor: Actor, { id, size }: Attachment): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of files(it).read(await files(it).open(actor, id), 0, size)) pieces.push(piece)
  return Buffer.concat(pieces).toString('utf8')
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

/** The code of the refusal. */
async function refusal(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (cause) => cause.problem?.code,
  )
}

describe('a message', () => {
  test('[B7] holds files of its author, and tells what the server knows of them', async () => {
    const { it, her, him } = await scene()
    const attachment = await upload(it, her, 'u')
    const lies = { id: attachment.id, name: 'evil', mediaType: 'text/html', size: 1, sha256: 'x' }
    const parts = [
      { type: 'text', text: 'look' },
      { type: 'file', attachment: lies },
    ]
    await her.ask({ type: 'post', room: lobby, id: 'm', parts })
    expect(him.picture().messages[0]?.parts).toEqual([
      { type: 'text', text: 'look' },
      { type: 'file', attachment },
    ])
  })

  test('[B7] may hold nothing but files', async () => {
    const { it, her, him } = await scene()
    const attachment = await upload(it, her, 'u')
    await show(her, 'm', attachment.id)
    expect(him.picture().messages[0]?.parts).toEqual([{ type: 'file', attachment }])
  })

  test('[B7] holds no file of somebody else, of another room, or of nobody', async () => {
    const { it, her, him } = await scene()
    const attachment = await upload(it, her, 'u')
    await her.join(session)
    expect((await show(him, 'm', attachment.id)).problem?.code).toBe('attachment.unknown')
    const elsewhere = { type: 'post', room: session, id: 'm', parts: [{ type: 'file', attachment }] }
    expect((await her.ask(elsewhere)).problem?.code).toBe('attachment.unknown')
    expect((await show(her, 'm', 'nothing')).problem?.code).toBe('attachment.unknown')
    expect(her.picture().messages).toEqual([])
  })

  test('[B7] says a file as what it is, or as a file', async () => {
    const { it, her } = await scene()
    const { id } = await upload(it, her, 'u')
    const as = (type: string) => ({ type: 'post', room: lobby, id: type, parts: [{ type, attachment: { id } }] })
    expect((await her.ask(as('image'))).problem?.code).toBe('message.invalid')
    expect((await her.ask(as('audio'))).problem?.code).toBe('message.invalid')
    expect((await her.ask(as('file'))).answer?.type).toBe('post')
  })

  test('[B7] brings a small file along', async () => {
    const { it, her, him } = await scene()
    const base64 = Buffer.from('a small file').toString('base64')
    const post = { type: 'post', room: lobby, id: 'm', parts: [{ type: 'file', name: 'small.txt', base64 }] }
    expect((await her.ask(post)).answer).toMatchObject({ type: 'post', repeated: false })
    expect((await her.ask(post)).answer).toMatchObject({ type: 'post', repeated: true })
    const [part] = him.picture().messages[0]?.parts ?? []
    if (part?.type !== 'file') throw new Error('no file came')
    expect(part.attachment).toMatchObject({ name: 'small.txt', size: 12, sha256: sha256('a small file') })
    expect(await contentOf(it, bob, part.attachment)).toBe('a small file')
    const other = { ...post, parts: [{ type: 'file', name: 'small.txt', base64: 'AAAA' }] }
    expect((await her.ask(other)).problem?.code).toBe('id.conflict')
  })

  test.each(['no base64!', '', 'AAA', 7])('[B7] brings nothing along that is no base64: %j', async (base64) => {
    const { her } = await scene()
    const post = { type: 'post', room: lobby, id: 'm', parts: [{ type: 'file', name: 'x', base64 }] }
    expect((await her.ask(post)).problem?.code).toBe('message.invalid')
  })

  test('[B7] with files overtakes nothing and is overtaken by nothing', async () => {
    const { it, her } = await scene()
    const { id } = await upload(it, her, 'u')
    her.say({ type: 'post', ref: '1', room: lobby, id: 'm1', parts: [{ type: 'file', attachment: { id } }] })
    her.say({ type: 'post', ref: '2', room: lobby, id: 'm2', parts: 'afterwards', after: 'm1' })
    await it.clock.settle()
    expect(her.picture().messages.map((message) => message.id)).toEqual(['m1', 'm2'])
  })

  test('[B7, M1] is edited with files, and keeps what it held', async () => {
    const { it, her, him } = await scene()
    const attachment = await upload(it, her, 'u')
    await her.post('m', 'words')
    const parts = [{ type: 'file', attachment: { id: attachment.id } }]
    await her.ask({ type: 'edit', room: lobby, id: 'e', message: 'alice/m', parts })
    expect(him.picture().messages[0]?.parts).toEqual([{ type: 'file', attachment }])
  })

  test('[B7, S2] said again after it was removed is a repeat, though its file is gone', async () => {
    const { it, her } = await scene()
    const { id } = await upload(it, her, 'u')
    await show(her, 'm', id)
    await her.ask({ type: 'redact', room: lobby, id: 'r', message: 'alice/m' })
    expect((await show(her, 'm', id)).answer).toMatchObject({ type: 'post', repeated: true })
  })
})

describe('having a file', () => {
  test('[B8] is its owner’s alone until a message holds it, then the room’s', async () => {
    const { it, her } = await scene()
    const attachment = await upload(it, her, 'u', 'the content')
    expect(await contentOf(it, alice, attachment)).toBe('the content')
    expect(await refusal(contentOf(it, bob, attachment))).toBe('attachment.unknown')
    await show(her, 'm', attachment.id)
    expect(await contentOf(it, bob, attachment)).toBe('the content')
  })

  test('[B8] is asked about at each time', async () => {
    let allowed = true
    const { it, her } = await scene({ access: { permit: (actor) => allowed || actor.id === 'alice' } })
    const attachment = await upload(it, her, 'u')
    await show(her, 'm', attachment.id)
    expect(await contentOf(it, bob, attachment)).toBe('the file u')
    allowed = false
    expect(await refusal(contentOf(it, bob, attachment))).toBe('attachment.unknown')
  })

  test('[B8, A2] of a session is its owner’s', async () => {
    const { it, her } = await scene()
    await her.join(session)
    const base64 = Buffer.from('private').toString('base64')
    await her.ask({ type: 'post', room: session, id: 'm', parts: [{ type: 'file', name: 'x', base64 }] })
    const [part] = her.picture(session).messages[0]?.parts ?? []
    if (part?.type !== 'file') throw new Error('no file came')
    expect(await contentOf(it, alice, part.attachment)).toBe('private')
    expect(await refusal(contentOf(it, bob, part.attachment))).toBe('attachment.unknown')
  })

  test('[B9] by a link works for whom it was made, as long as it is good and they may', async () => {
    let allowed = true
    const { it, her, him } = await scene({ access: { permit: (actor) => allowed || actor.id === 'alice' } })
    const { id } = await upload(it, her, 'u')
    expect((await him.ask({ type: 'link', attachment: id })).problem?.code).toBe('attachment.unknown')
    await show(her, 'm', id)
    const { answer } = await him.ask({ type: 'link', attachment: id })
    if (answer?.type !== 'link') throw new Error('there is no link')
    expect(answer.expiresAt).toBe(it.clock.now() + 300_000)
    const link = new URL(answer.url, 'http://x').searchParams.get('link') ?? ''
    const actor = files(it).links.actorOf(link, id)
    expect(actor).toMatchObject({ id: 'bob' })
    expect(files(it).links.actorOf(link, 'another')).toBeUndefined()
    expect(files(it).links.actorOf(`${link}x`, id)).toBeUndefined()
    expect(files(it).links.actorOf('', id)).toBeUndefined()
    expect(files(it).links.actorOf('e30.AAAA', id)).toBeUndefined()
    allowed = false
    expect(await refusal(files(it).open(actor ?? alice, id))).toBe('attachment.unknown')
    await it.clock.pass(300_001)
    expect(files(it).links.actorOf(link, id)).toBeUndefined()
  })

  test('[B9] a link says of grants only what is about its room, and ends with its token', async () => {
    const { it, her } = await scene()
    const { id } = await upload(it, her, 'u')
    await show(her, 'm', id)
    const expiresAt = it.clock.now() + 1_000
    const grants = [
      { room: 'other', can: ['read'] as const },
      { room: 'lob*', can: ['read'] as const },
    ]
    const link = await files(it).link({ id: 'rita', kind: 'user', grants, expiresAt }, id)
    expect(link.expiresAt).toBe(expiresAt)
    const said = new URL(link.url, 'http://x').searchParams.get('link') ?? ''
    expect(files(it).links.actorOf(said, id)?.grants).toEqual([{ room: 'lob*', can: ['read'] }])
  })
})

describe('a file goes', () => {
  const MINUTES = 3 * 60_000

  async function contents({ blobs }: Stage): Promise<number> {
    let count = 0
    for await (const _ of blobs.contents()) count += 1
    return count
  }

  test('[B10, M2] with the message that held it, at once for everybody, its bytes soon after', async () => {
    const { it, her } = await scene()
    const attachment = await upload(it, her, 'u')
    await show(her, 'm', attachment.id)
    await it.clock.pass(MINUTES)
    await her.ask({ type: 'redact', room: lobby, id: 'r', message: 'alice/m' })
    expect(await refusal(files(it).open(alice, attachment.id))).toBe('attachment.unknown')
    await it.clock.pass(MINUTES)
    expect(await contents(it)).toBe(0)
  })

  test('[B10] but not its content, while another file has it', async () => {
    const { it, her, him } = await scene()
    const hers = await upload(it, her, 'u', 'the same')
    const his = await upload(it, him, 'u', 'the same')
    await show(her, 'm', hers.id)
    await show(him, 'm', his.id)
    expect(await contents(it)).toBe(1)
    await her.ask({ type: 'redact', room: lobby, id: 'r', message: 'alice/m' })
    await it.clock.pass(MINUTES)
    expect(await contentOf(it, alice, his)).toBe('the same')
  })

  test('[B10] after a day in which nobody posted it', async () => {
    const { it, her } = await scene()
    await upload(it, her, 'u')
    await it.clock.pass(86_000_000)
    expect(await contents(it)).toBe(1)
    await it.clock.pass(1_000_000)
    expect(await contents(it)).toBe(0)
  })

  test('[B10] what was kept right before a crash and has no file is removed within a day', async () => {
    const { it } = await scene()
    const partial = await it.blobs.partial('left')
    await partial.write([new TextEncoder().encode('left')])
    await partial.keep(sha256('left'))
    await it.clock.pass(MINUTES)
    await stage({ beside: it, node: 'n2' })
    await it.clock.pass(90_000_000)
    expect(await contents(it)).toBe(0)
  })
})

test('the app itself keeps files and posts them', async () => {
  const { it, him } = await scene()
  const app = it.engine.as({ id: 'desk', name: 'Desk' })
  const part = await app.attach(lobby, 'note.txt', bytes('from the desk'))
  await app.post(lobby, [{ type: 'text', text: 'read this' }, part])
  await it.clock.settle()
  expect(him.picture().messages[0]?.parts[1]).toEqual(part)
  expect(await contentOf(it, bob, part.attachment)).toBe('from the desk')
})

test('[B12] an upload in one go is checked like any other', async () => {
  const { it } = await scene({ limits: { attachmentBytes: 20 } })
  const give = (text: string, more: object = {}) =>
    files(it).receive(alice, { room: lobby, id: 'u', name: 'x.txt', ...more }, bytes(text))
  expect(await refusal(give('hello', { size: 6 }))).toBe('upload.mismatch')
  expect(await refusal(give('hello', { sha256: sha256('other') }))).toBe('upload.mismatch')
  expect(await refusal(give('x'.repeat(21)))).toBe('attachment.large')
  const attachment = await give('hello', { size: 5, sha256: sha256('hello') })
  expect(await give('hello')).toEqual(attachment)
  expect(await refusal(give('other'))).toBe('id.conflict')
  expect(await it.blobs.partials()).toEqual([])
})

test('a session that nobody opened is opened by an upload, and is its sender’s', async () => {
  const { it } = await scene()
  const give = (actor: Actor) => files(it).receive(actor, { room: session, id: 'u', name: 'x' }, bytes('x'))
  await give(alice)
  expect(await refusal(give(bob))).toBe('access.denied')
})

test('what somebody has begun is not attached by others', async () => {
  const { it, her, him } = await scene()
  const { channel } = await begin(her, 'u')
  her.piece(channel, 0, 'x')
  await it.clock.settle()
  const reply = await him.ask({ type: 'attach', room: lobby, id: 'u', size: 1, sha256: sha256('x') })
  expect(reply.problem?.code).toBe('upload.unknown')
  expect(() => attached(reply)).toThrow()
})
