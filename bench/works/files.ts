// Files, up and down.
import { randomBytes } from 'node:crypto'
import { createReadStream, openAsBlob, statSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { connect } from '@parley/client'
import { parley, tokenFor } from '../subjects/parley.ts'
import { plainHttp } from '../subjects/plain-http.ts'
import type { Column, Figures, Scale, Stage, Work } from '../work.ts'

const MB = 2 ** 20
const sizeOf = ({ name }: Scale): number => (name === 'quick' ? 20 : name === 'standard' ? 200 : 1_000)
/** One before, so that it is compiled code that is looked at. */
const FIRST_MB = 10
const ROOM = 'lobby'
const ZIP = Buffer.from('504b0304140000000000', 'hex')
const headers = { authorization: `Bearer ${tokenFor('ann')}` }

interface Carrier {
  /** Resolves with where it is to be had. */
  up(file: string): Promise<string>
  close?(): Promise<void>
}

/** A file that compresses no further. */
async function made(folder: string, mb: number): Promise<string> {
  const file = join(folder, `${mb}.zip`)
  await appendFile(file, ZIP)
  for (let written = 0; written < mb; written += 1) await appendFile(file, randomBytes(MB))
  return file
}

function overHttp(port: number, isParley: boolean): Carrier {
  return {
    async up(file) {
      const path = isParley ? `/api/attachments?room=${ROOM}&name=a.zip` : '/'
      const answer = await posted(port, path, file)
      return isParley ? `/api/attachments/${JSON.parse(answer).id}` : '/'
    },
  }
}

/** The client library, as a page or a program uses it. */
async function overSocket(port: number): Promise<Carrier> {
  const client = connect(`ws://127.0.0.1:${port}/api/ws`, { token: tokenFor('ann') })
  const room = client.room(ROOM)
  room.subscribe(() => undefined)
  await room.post('hello')
  return {
    async up(file) {
      const { attachment } = await room.upload(await openAsBlob(file), { name: 'a.zip' })
      return `/api/attachments/${attachment.id}`
    },
    close: () => client.close(),
  }
}

function posted(port: number, path: string, file: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const length = { 'content-length': statSync(file).size }
    const asked = request({ port, path, method: 'POST', headers: { ...headers, ...length } }, (answer) => {
      text(answer).then(resolve, reject)
    })
    pipeline(createReadStream(file), asked).catch(reject)
  })
}

async function text(answer: IncomingMessage): Promise<string> {
  let said = ''
  for await (const chunk of answer.setEncoding('utf8')) said += chunk
  if ((answer.statusCode ?? 0) >= 300) throw new Error(`answered with ${answer.statusCode}: ${said}`)
  return said
}

function fetched(port: number, path: string, bytes: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, path, headers }, (answer) => {
      let got = 0
      answer.on('data', (chunk: Buffer) => {
        got += chunk.length
      })
      answer.once('error', reject)
      answer.once('end', () => (got === bytes ? resolve() : reject(new Error(`${got} bytes of ${bytes} came`))))
    })
    asked.once('error', reject).end()
  })
}

type Way = 'up' | 'up by socket' | 'down'

async function measure(way: Way, { subject, scale, folder, start }: Stage): Promise<Figures> {
  const mb = sizeOf(scale)
  const [first, file] = [await made(folder, FIRST_MB), await made(folder, mb)]
  const server = await start()
  const { port } = server
  const isParley = subject === parley
  const carrier = isParley && way === 'up by socket' ? await overSocket(port) : overHttp(port, isParley)
  await fetched(port, await carrier.up(first), statSync(first).size)
  const place = way === 'down' ? await carrier.up(file) : undefined
  const [cpu, own, begun] = [server.cpuMicros(), process.cpuUsage(), performance.now()]
  if (place === undefined) await carrier.up(file)
  else await fetched(port, place, statSync(file).size)
  const ms = performance.now() - begun
  const { user, system } = process.cpuUsage(own)
  const used = server.cpuMicros() - cpu
  await carrier.close?.()
  return {
    cpuMs: used / 1e3 / mb,
    mbPerSecond: (mb * 1e3) / ms,
    serverPct: used / 10 / ms,
    generatorPct: (user + system) / 10 / ms,
    rssMb: server.rss() / MB,
  }
}

const cost: Column = { figure: 'cpuMs', title: 'CPU ms a MB', digits: 2 }

const titles: Readonly<Record<Way, string>> = {
  up: 'up, by HTTP',
  'up by socket': 'up, by the client library over a WebSocket',
  down: 'down, by HTTP',
}

export const work: Work = {
  name: 'files',
  title: 'A file, up and down',
  about:
    'One file of random bytes at a time. Parley hashes it, looks at what it is, syncs it to the disk and asks who may have it; beside it, streams of Node between a socket and a file, and nothing else, over HTTP in each case.',
  columns: [
    cost,
    { figure: 'mbPerSecond', title: 'MB/s', digits: 0 },
    { figure: 'serverPct', title: 'core %', digits: 0 },
    { figure: 'generatorPct', title: 'generator %', digits: 0 },
    { figure: 'rssMb', title: 'server MB', digits: 0 },
  ],
  compares: cost.figure,
  cases: (scale) =>
    (['up', 'up by socket', 'down'] as const).map((way) => ({
      title: `${sizeOf(scale)} MB ${titles[way]}`,
      subjects: [parley, plainHttp],
      measure: (stage) => measure(way, stage),
    })),
}
