import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { connect } from '@parley/client'
import { type Agent, issueToken } from '@parley/server'
import { expect, onTestFinished, test } from 'vitest'
import { showScreen } from '../src/chat/screen.ts'
import { fileOf, sample, secret } from './files.ts'
import { road } from './processes.ts'
import { worker } from './worker.ts'
import { room, serverFor, tempFolder } from './world.ts'

const thinker: Agent = {
  id: 'thinker',
  name: 'thinker',
  async *reply({ signal }) {
    yield 'first line\nlet me think'
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
  },
}

/** A person at a terminal: what they type, and what was ever drawn for them. */
async function person(rooms?: readonly { room: string; can: readonly ['read'] }[], agent = thinker) {
  const server = await serverFor({ secret, agent })
  const way = await road(server.url)
  const { url } = way
  const token = await issueToken({ secret, user: 'ada', name: 'Ada', expiresInMs: 60_000, ...(rooms && { rooms }) })
  const client = connect(`${url}/api/ws`, { token })
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: () => stdin,
    ref: () => stdin,
    unref: () => stdin,
  })
  const stdout = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 })
  const stopping = new AbortController()
  let drawn = ''
  const looks = new Set<() => void>()
  stdout.on('data', (chunk: Buffer) => {
    drawn += stripVTControlCharacters(chunk.toString())
    for (const look of looks) look()
  })
  const done = showScreen({
    client,
    room: room('lobby'),
    newRoom: () => room('session:fed0572e-05b6-4f83-9756-a31b865fba88'),
    color: true,
    stopped: stopping.signal,
    stdin,
    stdout,
  })
  onTestFinished(async () => {
    stopping.abort('the test is over')
    await done.catch(() => {})
    await client.close()
  })
  return {
    done,
    way,
    server,
    type: (text: string) => stdin.write(text),
    /** Resolves when the text was drawn, after what was seen before. */
    async sees(text: string) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const look = () => {
        const at = drawn.indexOf(text)
        if (at < 0) return
        drawn = drawn.slice(at + text.length)
        looks.delete(look)
        resolve()
      }
      looks.add(look)
      look()
      await promise
    },
  }
}

test('somebody types, is answered, stops the answer and leaves', async () => {
  const ada = await person()
  await ada.sees('connected as Ada · lobby')
  ada.type('hello @thinker\r')
  await ada.sees('Ada (you)')
  await ada.sees('hello @thinker')
  await ada.sees('first line')
  await ada.sees('thinker is answering')
  ada.type('\u0003')
  await ada.sees('■ cancelled')
  await ada.sees('Ctrl-C again ends')
  ada.type('\u0003')
  expect(await ada.done).toBe('lobby')
})

test('somebody denies a tool, wants the answer anew, and allows it', async () => {
  const ada = await person(undefined, worker().agent)
  await ada.sees('connected')
  ada.type('/approve\r')
  await ada.sees('nothing asks to be allowed')
  ada.type('erase it @worker\r')
  await ada.sees('? Erase the index: allow? /approve or /deny [reason]')
  await ada.sees('worker wants to know: y or n')
  ada.type('/deny not before lunch\r')
  await ada.sees('⚙ Erase the index denied by Ada: not before lunch')
  await ada.sees('It is denied.')
  ada.type('/retry\r')
  await ada.sees('? Erase the index: allow?')
  ada.type('y\r')
  await ada.sees('⚙ Erase the index done, allowed by Ada')
  await ada.sees('It is ok.')
})

test('somebody watches a tool, says more meanwhile, stops it, and says better what they meant', async () => {
  const { agent, goOn } = worker()
  const ada = await person(undefined, agent)
  await ada.sees('connected')
  ada.type('index it @worker\r')
  await ada.sees('⚙ Index the docs ▓▓▓▓░░░░ 50 % 1 of 2 files')
  await ada.sees('│ reading one.md')
  ada.type('and then erase it @worker\r')
  await ada.sees('waits for its turn: worker is at work')
  ada.type('/stop tool\r')
  await ada.sees('⚙ Index the docs cancelled')
  await ada.sees('? Erase the index: allow?')
  goOn()
  ada.type('/edit index it, then, @worker\r')
  ada.type('n\r')
  await ada.sees('Index the docs done')
  await ada.sees('│ reading two.md')
})

test('somebody sends files, sees what came, and saves one', async () => {
  const ada = await person()
  await ada.sees('connected')
  ada.type(`/attach "${sample('picture.jpg')}" "${sample('tone.mp3')}" look at this\r`)
  await ada.sees('Ada (you)')
  await ada.sees('look at this')
  await ada.sees('[1] picture.jpg · image/jpeg · 160×90 · 4.2 KB')
  await ada.sees('[2] tone.mp3 · audio/mpeg · 0:01 ▁')
  const path = join(tempFolder(), 'mine.mp3')
  ada.type(`/save 2 ${path}\r`)
  await ada.sees(`saved ${path}`)
  expect(readFileSync(path)).toEqual(readFileSync(sample('tone.mp3')))
  ada.type(`/save 2 ${path}\r`)
  await ada.sees('exists already')
  ada.type('/save 3 x\r')
  await ada.sees('no file 3 is shown here')
  ada.type('/attach /no/such/file\r')
  await ada.sees("can't be read: ENOENT")
  ada.type(`/attach ${fileOf('tool', '\u007fELF\u0002\u0001\u0001')}\r`)
  await ada.sees('x-elf are not taken here: tool')
})

test('somebody sees how far a file has come, and gives it up', async () => {
  const ada = await person()
  await ada.sees('connected')
  const held = ada.way.held(400_000)
  ada.type(`/attach ${fileOf('long.txt', 'x'.repeat(1_000_000))} so long\r`)
  await held
  await ada.sees('↑ long.txt ▓')
  ada.type('\u0003')
  await ada.sees('what was on its way is given up; Ctrl-C again ends')
  ada.way.leadTo(ada.server.url)
  ada.type('never mind\r')
  await ada.sees('never mind')
  ada.type('/stop\r')
  await ada.sees('nothing is being answered')
  ada.type('\u0003')
  await ada.sees('Ctrl-C again ends')
  ada.type('\u0003')
  await ada.done
})

test('a command does what it says', async () => {
  const ada = await person()
  await ada.sees('connected')
  ada.type('/help\r')
  await ada.sees('/older')
  ada.type('/join\r')
  await ada.sees('session:fed0572e…')
  ada.type('/leave\r')
  await ada.sees('in no room')
  ada.type('to whom?\r')
  await ada.sees('you are in no room')
  ada.type('/nope\r')
  await ada.sees('There is no command /nope')
  ada.type('/quit\r')
  expect(await ada.done).toBeUndefined()
})

test('what was refused stays to be read until it is let go', async () => {
  const ada = await person([{ room: 'lobby', can: ['read'] }])
  await ada.sees('connected')
  ada.type('may I?\r')
  await ada.sees('refused: not allowed')
  ada.type('/discard\r')
  await ada.sees('connected')
  ada.type('/retry\r')
  await ada.sees('nothing was refused, and nothing answered')
  ada.type('\u0004')
  await ada.done
})
