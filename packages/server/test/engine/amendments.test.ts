import { textOf } from '@parley/protocol'
import { expect, test } from 'vitest'
import type { Actor } from '../../src/seams/access.ts'
import { Puppet } from './puppet.ts'
import { lobby, type Peer, session, stage } from './stage.ts'

let ids = 0

function amend(peer: Peer, type: 'edit' | 'redact' | 'react', message: string, more: object = {}) {
  ids += 1
  return peer.ask({ type, room: lobby, id: `second-thought-${ids}`, message, ...more })
}

async function talk() {
  const here = await stage()
  const alice = await here.connect('alice')
  const bob = await here.connect('bob')
  await alice.join()
  await bob.join()
  await alice.post('m1', 'helo')
  return { ...here, alice, bob }
}

function first(peer: Peer) {
  const [message] = peer.picture(lobby).messages
  return { ...message, text: textOf(message?.parts ?? []) }
}

test('[M1] a message is edited by its author alone, keeps its place, and says that it was', async () => {
  const { alice, bob } = await talk()
  await bob.post('m2', 'hi')
  expect(await amend(alice, 'edit', 'alice/m1', { parts: 'hello' })).toMatchObject({ answer: { type: 'edit' } })
  expect(first(bob)).toMatchObject({ text: 'hello', editedAt: expect.any(Number) })
  expect(bob.texts()).toEqual(['hello', 'hi'])
  expect(await amend(bob, 'edit', 'alice/m1', { parts: 'ha' })).toMatchObject({ problem: { code: 'access.denied' } })
  expect(await amend(alice, 'edit', 'alice/none', { parts: 'ha' })).toMatchObject({
    problem: { code: 'message.unknown' },
  })
})

test('[M2] what is removed is gone for everybody, from the log too, and its place stays', async () => {
  const { alice, bob, connect, log } = await talk()
  await amend(alice, 'edit', 'alice/m1', { parts: 'a secret' })
  await amend(alice, 'redact', 'alice/m1', { reason: 'wrong room' })
  expect(first(bob)).toMatchObject({ text: '', redacted: true })
  const late = await connect('bob')
  await late.join()
  expect(first(late)).toMatchObject({ text: '', redacted: true })
  const { events } = await log.read(lobby, undefined, { events: 100, bytes: 1_000_000 })
  expect(JSON.stringify(events)).not.toMatch(/helo|secret/u)
  expect(await amend(alice, 'edit', 'alice/m1', { parts: 'back' })).toMatchObject({
    problem: { code: 'message.unknown' },
  })
  expect(await alice.post('m1', 'helo')).toMatchObject({ answer: { repeated: true } })
})

test('[M2] who manages the room may remove what others said, and nobody else', async () => {
  const { alice, bob, tokens, connect } = await talk()
  const writer: Actor = { id: 'carl', kind: 'user', grants: [{ room: 'lobby', can: ['read', 'write'] }] }
  tokens.set('carl', writer)
  const carl = await connect('carl')
  await carl.join()
  expect(await amend(carl, 'redact', 'alice/m1')).toMatchObject({ problem: { code: 'access.denied' } })
  expect(await amend(bob, 'redact', 'alice/m1')).toMatchObject({ answer: { type: 'redact' } })
  expect(first(alice)).toMatchObject({ redacted: true })
})

test('[M2] an agent’s answer can be removed too', async () => {
  const puppet = new Puppet()
  const here = await stage({ agents: [{ agent: puppet }] })
  const alice = await here.connect('alice')
  await alice.join(session)
  await alice.post('m1', 'hello', session)
  puppet.on.say('nonsense')
  puppet.on.end()
  await here.clock.pass(50)
  const key = alice.picture(session).messages[1]?.key ?? ''
  await alice.ask({ type: 'redact', room: session, id: 'r', message: key })
  expect(alice.picture(session).messages[1]).toMatchObject({ parts: [], redacted: true })
})

test('[M3] reactions are counted by who made them, and taken back', async () => {
  const { alice, bob } = await talk()
  await amend(bob, 'react', 'alice/m1', { reaction: '👍', on: true })
  await amend(alice, 'react', 'alice/m1', { reaction: '👍', on: true })
  await amend(bob, 'react', 'alice/m1', { reaction: '👍', on: true })
  expect(first(alice).reactions?.get('👍')).toEqual(['alice', 'bob'])
  await amend(alice, 'react', 'alice/m1', { reaction: '👍', on: false })
  expect(first(bob).reactions?.get('👍')).toEqual(['bob'])
})

test('[M4] second thoughts about messages that are not shown yet are known when these are asked for', async () => {
  const { alice, connect } = await talk()
  for (let count = 2; count < 30; count += 1) await alice.post(`m${count}`, 'words')
  await amend(alice, 'edit', 'alice/m1', { parts: 'hello' })
  const late = await connect('bob')
  await late.join(lobby, { history: 5 })
  expect(late.picture(lobby).afterthoughts.has('alice/m1')).toBe(true)
})

test('[M5] a message may answer another and mention people', async () => {
  const { alice, bob } = await talk()
  const more = { replyTo: 'alice/m1', mentions: ['alice'] }
  await bob.ask({ type: 'post', room: lobby, id: 'r1', parts: 'yes', ...more })
  expect(alice.picture(lobby).messages[1]).toMatchObject(more)
  expect(await bob.ask({ type: 'post', room: lobby, id: 'r2', parts: 'x', replyTo: 'nothing' })).toMatchObject({
    problem: { code: 'message.invalid' },
  })
})

test('[M6] words are found in the rooms that the asker may read, the newest first, by their beginnings', async () => {
  const { alice, bob, connect } = await talk()
  await alice.join(session)
  await alice.post('s1', 'a private plan about doors', session)
  await bob.post('m2', 'the Door is rëd')
  const search = async (peer: Peer, text: string, more: object = {}) =>
    (await peer.ask({ type: 'search', text, ...more })).answer
  expect(await search(alice, 'door')).toMatchObject({
    hits: [
      { message: 'bob/m2', room: 'lobby' },
      { message: 'alice/s1', room: session },
    ],
  })
  expect(await search(bob, 'DOOR red')).toMatchObject({ hits: [{ message: 'bob/m2', excerpt: 'the Door is rëd' }] })
  expect(await search(bob, 'private')).toMatchObject({ hits: [] })
  expect(await search(alice, 'door', { room: 'lobby' })).toMatchObject({ hits: [{ message: 'bob/m2' }] })
  await amend(bob, 'edit', 'bob/m2', { parts: 'the gate' })
  const carol = await connect('carol')
  expect(await search(carol, 'gate')).toMatchObject({ hits: [{ message: 'bob/m2', excerpt: 'the gate' }] })
  await amend(bob, 'redact', 'bob/m2')
  expect(await search(carol, 'gate')).toMatchObject({ hits: [] })
  expect(await search(carol, '"); DROP')).toMatchObject({ hits: [] })
})
