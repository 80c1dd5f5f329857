import { join } from 'node:path'
import { issueToken } from '@parley/server'
import { expect, test } from 'vitest'
import { fileOf, records, sample, secret, somebody } from './files.ts'
import { type Command, parley, serverFor, tempFolder } from './world.ts'

/** The facts of the lobby. */
async function lobby({ runs }: { readonly runs: (args: readonly string[]) => Command }, until: string) {
  const tail = runs(['tail', 'lobby', '--from-start'])
  await tail.says(until)
  tail.interrupt()
  await tail.done
  return records(tail.out())
}

test('files are sent, said in one message, and told by id and in words', async () => {
  const me = await somebody()
  const upload = me.runs(['upload', 'lobby', sample('picture.jpg'), sample('tone.mp3'), '-m', 'look'])
  expect(await upload.done).toBe(0)
  const ids = upload.out().split('\n').slice(0, -1)
  expect(upload.err().split('\n')).toEqual(
    expect.arrayContaining(['picture.jpg · image/jpeg · 160×90 · 4.2 KB', expect.stringMatching(/^tone\.mp3 .*▁█/)]),
  )
  expect(await lobby(me, 'tone.mp3')).toMatchObject([
    {
      fact: {
        type: 'message.posted',
        parts: [
          { type: 'text', text: 'look' },
          { type: 'image', attachment: { id: ids[0], name: 'picture.jpg', width: 160, height: 90, size: 4290 } },
          { type: 'audio', attachment: { id: ids[1], mediaType: 'audio/mpeg', peaks: expect.any(Array) } },
        ],
      },
    },
  ])
})

test('as JSON, a file is told whole, and the message with its place', async () => {
  const { runs } = await somebody()
  const upload = runs(['upload', 'lobby', sample('page.pdf'), '--json', '--id', 'report-1'])
  expect(await upload.done).toBe(0)
  const [file, message] = records(upload.out())
  expect(file).toMatchObject({
    room: 'lobby',
    attachment: { name: 'page.pdf', mediaType: 'application/pdf', size: 535 },
  })
  expect(message).toMatchObject({ room: 'lobby', message: 'ada/report-1', seq: 1 })
  const again = runs(['upload', 'lobby', sample('page.pdf'), '--json', '--id', 'report-1'])
  expect(await again.done).toBe(0)
  expect(again.out()).toBe(upload.out())
})

test('what is only sent is not said, and may be said later', async () => {
  const me = await somebody()
  const upload = me.runs(['upload', 'lobby', sample('picture.png'), '--no-post', '--json'])
  expect(await upload.done).toBe(0)
  const [{ attachment }] = records(upload.out())
  const save = me.runs(['save', 'lobby', attachment.id, tempFolder()])
  expect(await save.done).toBe(1)
  expect(save.err()).toContain(`No message that lobby still keeps holds a file ${attachment.id}.`)
  await me.client.room('lobby').post([{ type: 'image', attachment }])
  expect(await me.runs(['save', 'lobby', attachment.id, tempFolder()]).done).toBe(0)
})

test('what comes on stdin is a file of the name it is given', async () => {
  const me = await somebody()
  const upload = me.runs(['upload', 'lobby', '-', '--name', 'notes/today.txt'], { stdin: 'one\ntwo\n' })
  expect(await upload.done).toBe(0)
  expect(upload.err()).toBe('today.txt · text/plain · 8 B\n')
  const out = me.runs(['save', 'lobby', upload.out().trim(), '-'])
  expect(await out.done).toBe(0)
  expect(out.out()).toBe('one\ntwo\n')
  const nothing = me.runs(['upload', 'lobby', '-', '--name', 'nothing.txt'], { stdin: '' })
  expect(await nothing.done).toBe(0)
  expect(await me.runs(['save', 'lobby', nothing.out().trim(), '-']).done).toBe(0)
})

test('what cannot be sent is named, before anything is', async () => {
  const me = await somebody()
  for (const [args, code, why] of [
    [[join(tempFolder(), 'nope\u001b[2J.txt')], 1, /nope\.txt can't be read: ENOENT/],
    [[sample('page.pdf'), tempFolder()], 1, /is no file/],
    [['-'], 2, /needs a --name/],
    [[sample('page.pdf'), sample('tone.mp3'), '--name', 'x'], 2, /A --name is for one file/],
    [[sample('page.pdf'), '--no-post', '-m', 'hello'], 2, /leave out --no-post/],
    [Array.from({ length: 65 }, (_, at) => `${at}.txt`), 2, /at most 64 parts/],
    [[fileOf('tool', '\u007fELF\u0002\u0001\u0001')], 3, /x-elf are not taken here: tool\. .*\(attachment\.type\)/],
  ] as const) {
    const wrong = me.runs(['upload', 'lobby', ...args])
    expect(await wrong.done, args.join(' ')).toBe(code)
    expect(wrong.err()).toMatch(why)
    expect(wrong.out()).toBe('')
  }
})

test('who may not write there is told so, and nobody waits for a server that is not there', async () => {
  const { url } = await serverFor({ secret })
  const token = await issueToken({
    secret,
    user: 'eve',
    rooms: [{ room: 'lobby', can: ['read'] }],
    expiresInMs: 60_000,
  })
  const refused = parley(['upload', 'lobby', sample('page.pdf')], { env: { PARLEY_URL: url, PARLEY_TOKEN: token } })
  expect(await refused.done).toBe(3)
  expect(refused.err()).toContain('access.denied')
  const offline = parley(['upload', 'lobby', sample('page.pdf'), '--url', 'http://127.0.0.1:1', '--timeout', '50ms'])
  expect(await offline.done).toBe(4)
})

test('on a terminal, how far it has come stands in one line that is written over', async () => {
  const me = await somebody()
  const upload = me.runs(['upload', 'lobby', fileOf('a.txt', 'x'.repeat(300_000))], { tty: true })
  expect(await upload.done).toBe(0)
  const lines = upload.err().replaceAll('\r\u001b[K', '◂').split('\n')
  expect(lines[0]).toMatch(/^(◂a\.txt [▓░]{8} \d+ % of 293 KB)+◂a\.txt · text\/plain · 293 KB$/)
  expect(lines[0]).toContain('▓▓▓▓▓▓▓▓ 100 %')
  // It is gone in the end.
  expect(lines.at(-1)).toMatch(/◂$/)
})
