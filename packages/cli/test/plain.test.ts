import { readdirSync } from 'node:fs'
import { connect } from '@parley/client'
import { issueToken } from '@parley/server'
import pc from 'picocolors'
import { expect, onTestFinished, test } from 'vitest'
import { plain } from '../src/chat/plain.ts'
import { sample, secret } from './files.ts'
import { worker } from './worker.ts'
import { room, serverFor, tempFolder } from './world.ts'

/** A person at a terminal without a screen: what they are told, line by line, and what they type when they have read it. */
async function person() {
  const { agent, goOn } = worker()
  const { url } = await serverFor({ secret, agent })
  const token = await issueToken({ secret, user: 'ada', name: 'Ada', expiresInMs: 60_000 })
  const client = connect(`${url}/api/ws`, { token })
  onTestFinished(() => client.close())
  const told: string[] = []
  let look = () => {}
  const tell = (line: string) => {
    told.push(line)
    look()
  }
  async function* lines(script: readonly (readonly [after: string, type: string])[]) {
    for (const [after, type] of script) {
      await new Promise<void>((resolve) => {
        look = () => {
          if (told.some((line) => line.includes(after))) resolve()
        }
        look()
      })
      yield type
    }
  }
  const talk = (...script: readonly (readonly [after: string, type: string])[]) =>
    plain({
      client,
      room: room('lobby'),
      newRoom: () => room('other'),
      colours: pc.createColors(false),
      lines: lines(script),
      print: tell,
      note: tell,
    })
  return { talk, told, goOn }
}

test('a tool that asks is told in a line, and a line decides', async () => {
  const { talk, told } = await person()
  await talk(
    ['* in lobby', 'erase it @worker'],
    ['type y to allow it', '/deny not today'],
    ['denied by', '/edit erase it after all @worker'],
    ['It is denied.', ''],
    ['is replaced', ''],
    ['type y to allow it', 'y'],
    ['It is ok.', '/quit'],
  )
  expect(told).toContain('* worker asks: Erase the index: allow?')
  expect(told).toContain('worker: [tool] Erase the index denied by Ada: not today')
  expect(told).toContain('worker: [tool] Erase the index done, allowed by Ada')
})

test('how far a tool has come is told in lines', async () => {
  const { talk, told, goOn } = await person()
  const talking = talk(['* in lobby', 'index it @worker'], ['1 of 2 files', ''], ['It is ok.', '/quit'])
  await expect.poll(() => told).toContain('* Index the docs ▓▓▓▓░░░░ 50 % 1 of 2 files')
  goOn()
  await talking
  expect(told).toContain('  | reading two.md')
})

test('files go and come by line, and keep their numbers', async () => {
  const { talk, told } = await person()
  const folder = tempFolder()
  await talk(
    ['* in lobby', `/attach ${sample('picture.png')}`],
    ['[1] picture.png · image/png · 160×90 · 2.2 KB', `/attach ${sample('page.pdf')} read it`],
    ['[2] page.pdf', `/save 1 ${folder}`],
    ['* saved ', '/save 1 nowhere/at/all.png'],
    ["can't be written", '/stop'],
    ['nothing is being answered', '/quit'],
  )
  expect(told).toContain('* ↑ picture.png ░░░░░░░░ 0 % of 2.2 KB')
  expect(told).toContain('* ↓ picture.png ▓▓▓▓▓▓▓▓ 100 % of 2.2 KB')
  expect(told).toContain('Ada: read it')
  expect(readdirSync(folder)).toEqual(['picture.png'])
})

test('work in a room is told in lines, and who is there', async () => {
  const { talk, told } = await person()
  await talk(
    ['* in lobby', '/task wash the car'],
    ['new task', '/tasks'],
    ['wash the car  open', '/assign nowhere Ada'],
    ['there is no task nowhere', '/who'],
    ['* worker (agent)', '/rooms'],
    ['* lobby  1 events', 'a needle in the hay'],
    ['Ada: a needle', '/search needle'],
    ['* lobby  ', '/quit'],
  )
  expect(told).toContain('* Ada')
  expect(told.at(-1)).toMatch(/Ada: a needle in the hay$/)
})
