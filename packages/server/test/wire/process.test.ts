import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { applyPage, emptyTimeline, type Timeline, type Tool, textOf } from '@parley/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { createServer } from '../../src/create-server.ts'
import { lobby, session } from '../engine/stage.ts'
import { eventually, Socket, tokenFor } from './server.ts'

const program = fileURLToPath(new URL('./server-process.ts', import.meta.url))

interface Running {
  readonly url: string
  readonly process: ChildProcess
  /** All that it has written to either stream. */
  readonly output: () => string
}

function folder(): string {
  const data = mkdtempSync(join(tmpdir(), 'parley-'))
  onTestFinished(() => rmSync(data, { recursive: true, force: true }))
  return data
}

/** Starts a server on the data in this folder; resolves when it listens. */
async function run(data: string): Promise<Running> {
  const child = spawn(process.execPath, ['--conditions=parley-source', program, '0', data])
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  let output = ''
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr.on('data', (part: Buffer) => {
      output += part.toString()
    })
    child.stdout.on('data', (part: Buffer) => {
      output += part.toString()
      const [line] = part.toString().split('\n')
      if (line?.startsWith('http')) resolve(line)
    })
    child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${output}`)))
  })
  return { url, process: child, output: () => output }
}

/** How the session looks by what a socket has been told, after what was known before. */
function picture({ inbox }: Socket, before = emptyTimeline(session)): Timeline {
  return inbox.flatMap(({ page }) => (page === undefined ? [] : [page])).reduce(applyPage, before)
}

/** The first answer, and how it stands. */
function answer(timeline: Timeline): { state?: string; text: string } {
  const message = timeline.messages.find(({ by }) => by.kind === 'agent')
  return { ...(message === undefined ? {} : { state: message.state }), text: textOf(message?.parts ?? []) }
}

test('[R5, S1, S2] a server that is killed in mid-stream comes back with every acknowledged message and the partial answer', async () => {
  const data = folder()
  const first = await run(data)
  const alice = await Socket.native(first.url, 'alice')
  await alice.ask({ type: 'join', ref: 'join', room: session, history: 100 })
  const post = (id: string) => ({ type: 'post', ref: id, room: session, id, parts: `words of ${id}` })
  const acknowledged = await Promise.all(['m1', 'm2', 'm3'].map((id) => alice.ask(post(id))))
  await eventually(() => answer(picture(alice)).text.length).toBeGreaterThan(20)
  first.process.kill('SIGKILL')
  await alice.closed
  const shown = picture(alice)

  const second = await run(data)
  const back = await Socket.native(second.url, 'alice')
  await back.ask({ type: 'join', ref: 'join', room: session, at: shown.position })
  await expect
    .poll(() => [...picture(back, shown).runs.values()].map(({ state }) => state))
    .toEqual(Array(3).fill('interrupted'))
  const now = picture(back, shown)
  // What was shown is the beginning of what is kept, and everybody who comes later sees the same.
  const { state, text } = answer(now)
  expect(state).toBe('interrupted')
  expect(text).toMatch(/^(\d+ )+$/)
  expect(text.startsWith(answer(shown).text)).toBe(true)
  const late = await Socket.native(second.url, 'alice')
  await late.ask({ type: 'join', ref: 'join', room: session })
  await eventually(() => picture(late).position).toEqual(now.position)
  expect(picture(late).messages).toEqual(now.messages)

  for (const [index, id] of ['m1', 'm2', 'm3'].entries()) {
    const { calls: _, ...first } = acknowledged[index]?.answer ?? {}
    expect(await back.ask(post(id))).toMatchObject({ answer: { ...first, repeated: true } })
  }
  expect(await back.ask({ type: 'cancel', ref: 'c', room: session, run: [...now.runs.keys()][0] })).toMatchObject({
    problem: { code: 'run.over' },
  })
})

/** The tools of the lobby, as a socket has been told. */
function tools(socket: Socket): readonly Tool[] {
  return [...told(socket).tools.values()]
}

function told({ inbox }: Socket): Timeline {
  return inbox.flatMap(({ page }) => (page === undefined ? [] : [page])).reduce(applyPage, emptyTimeline(lobby))
}

async function asking(url: string, words: string): Promise<Socket> {
  const alice = await Socket.native(url, 'alice')
  await alice.ask({ type: 'join', ref: 'join', room: lobby })
  await alice.ask({ type: 'post', ref: 'm1', room: lobby, id: 'm1', parts: `@worker ${words}` })
  return alice
}

test('[T7] a tool that breaks things behind its back ends nobody else’s work, and the log says who it was', async () => {
  const server = await run(folder())
  const alice = await asking(server.url, 'wreck')
  await eventually(() => tools(alice)).toMatchObject([{ state: 'ok', output: 'survived' }])
  for (const what of ['out of a timer', 'a forgotten promise']) expect(server.output()).toContain(what)
  expect(server.output()).toContain('"tool":"wreck"')
  expect(server.process.exitCode).toBeNull()
})

test('[H5] an approval survives SIGKILL between the question and the answer', async () => {
  const data = folder()
  const first = await run(data)
  const alice = await asking(first.url, 'ask')
  await eventually(() => tools(alice)).toMatchObject([{ state: 'asking' }])
  first.process.kill('SIGKILL')
  await alice.closed
  const second = await run(data)
  const back = await Socket.native(second.url, 'alice')
  await back.ask({ type: 'join', ref: 'join', room: lobby })
  await eventually(() => tools(back)).toMatchObject([{ state: 'asking' }])
  const [{ run: id, call } = { run: '', call: '' }] = tools(back)
  const approve = { type: 'approve', ref: 'a', room: lobby, run: id, call, approved: true }
  expect(await back.ask(approve)).toMatchObject({ answer: { approved: true } })
  await eventually(() => tools(back)).toMatchObject([
    { state: 'ok', output: 'done', approval: { user: { id: 'alice' } } },
  ])
  await eventually(() => [...told(back).runs.values()].map(({ state }) => state)).toEqual(['completed'])
  expect(told(back).messages.map(({ parts }) => textOf(parts))).toEqual(['@worker ask', 'done'])
})

test('[L3, R5] a server that is asked to stop says so, ends its answers and its process, and loses nothing', async () => {
  const data = folder()
  const first = await run(data)
  const alice = await Socket.native(first.url, 'alice')
  await alice.ask({ type: 'join', ref: 'join', room: session })
  await alice.ask({ type: 'post', ref: 'm1', room: session, id: 'm1', parts: 'count' })
  await eventually(() => answer(picture(alice)).text).not.toBe('')
  const exit = once(first.process, 'exit')
  first.process.kill('SIGTERM')
  expect(await alice.next('leaving')).toHaveProperty('retryAfterMs')
  expect(await alice.closed).toMatchObject({ code: 1012 })
  expect(await exit).toEqual([0, null])
  const told = answer(picture(alice))
  expect(told.state).toBe('interrupted')
  const back = await Socket.native((await run(data)).url, 'alice')
  await back.ask({ type: 'join', ref: 'join', room: session })
  await eventually(() => answer(picture(back))).toEqual(told)
})

test('[C1] no token is ever written to a log, however it was presented, and no word of what was said', async () => {
  const server = await run(folder())
  const { url } = server
  const good = await tokenFor('alice')
  const bad = `${good.slice(0, -4)}AAAA`
  for (const token of [good, bad]) {
    await Socket.open(`${url}/api/ws?token=${token}`)
    await Socket.open(`${url}/ws?token=${token}`)
    await Socket.open(`${url}/api/ws`, ['parley.v1', `bearer.${token}`])
    await Socket.open(`${url}/api/ws`, ['parley.v1'], { headers: { authorization: `Bearer ${token}` } })
    const inBand = await Socket.open(`${url}/api/ws`, ['parley.v1'])
    inBand.send({ type: 'authenticate', ref: '1', token })
    await inBand.next('reply')
    await fetch(`${url}/api/ticket`, { method: 'POST', headers: { authorization: `Bearer ${token}` } })
    await fetch(`${url}/api/ws?token=${token}`)
    await fetch(`${url}/nothing?token=${token}`)
    await fetch(`${url}/api/%?token=${token}`)
  }
  const alice = await Socket.native(url, 'alice')
  await alice.ask({ type: 'join', ref: '1', room: session })
  await alice.ask({ type: 'post', ref: '2', room: session, id: 'm1', parts: 'a-very-private-word' })
  alice.send('a-very-private-word')
  await alice.next('problem')
  const exit = once(server.process, 'exit')
  server.process.kill('SIGTERM')
  await exit
  expect(server.output()).toContain('"level"')
  for (const token of [good, bad]) {
    expect(server.output()).not.toContain(token)
    for (const part of token.split('.').slice(1)) expect(server.output()).not.toContain(part)
  }
  expect(server.output()).not.toContain('a-very-private-word')
  expect(server.output()).not.toContain('a-secret-of-the-tests')
})

test('a guest keeps their name when the server starts again, and its secret is nobody else’s to read', async () => {
  const data = folder()
  const begin = () => createServer({ port: 0, data, web: false, agent: 'none', logLevel: 'silent' })
  const guest = async (url: string, token?: string) => {
    const headers = token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }
    return (await (await fetch(`${url}/api/guest`, { method: 'POST', ...headers })).json()) as {
      token: string
      user: object
    }
  }
  const one = await begin()
  const before = await guest(one.url)
  await one.close(0)
  const two = await begin()
  onTestFinished(() => two.close(0))
  expect((await guest(two.url, before.token)).user).toEqual(before.user)
  expect(statSync(join(data, 'guest.secret')).mode & 0o077).toBe(0)
  expect(readFileSync(join(data, 'guest.secret'), 'utf8').length).toBeGreaterThan(40)
})
