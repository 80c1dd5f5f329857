// What things cost, counted: these numbers are the same on every machine, and whoever makes them larger should know it.
import { createHook } from 'node:async_hooks'
import type { Author } from '@parley/protocol'
import { expect, test, vi } from 'vitest'
import type { Appended, Draft, Log } from '../../src/seams/log.ts'
import type { Frame, Listener, Transport } from '../../src/seams/transport.ts'
import { Puppet } from './puppet.ts'
import { lobby, type Stage, type StageOptions, stage } from './stage.ts'

const alice: Author = { id: 'alice', kind: 'user' }

/** Somebody who keeps what they hear as it was handed over. */
class Ear implements Transport {
  readonly frames: Frame[] = []
  readonly buffered = 0
  readonly #listener: Listener

  constructor({ engine }: Stage) {
    this.#listener = engine.accept(this, { dialect: 'native', params: new Map(), address: '::1', token: 'alice' })
  }

  send(frame: Frame): void {
    this.frames.push(frame)
  }

  close(): void {}

  say(message: object): void {
    this.#listener.received(JSON.stringify(message))
  }

  join(more: object = {}): void {
    this.say({ type: 'join', ref: 'join', room: lobby, ...more })
  }

  post(id: string): void {
    this.say({ type: 'post', ref: id, room: lobby, id, parts: [{ type: 'text', text: id }] })
  }

  get pages(): Frame[] {
    return this.frames.filter(({ texts }) => texts.some((text) => text.startsWith('{"type":"page"')))
  }
}

type Asked = { -readonly [name in 'read' | 'older' | 'append' | 'marks']: number }

/** A log that counts what it is asked. */
function counting(log: Log, asked: Asked): Log {
  const counted = (name: keyof Asked) => {
    asked[name] += 1
    return log
  }
  return {
    ...log,
    read: (...args) => counted('read').read(...args),
    older: (...args) => counted('older').older(...args),
    marks: (...args) => counted('marks').marks(...args),
    append: (...args) => counted('append').append(...args),
  }
}

async function crowd(many: number, options: StageOptions = {}) {
  const asked: Asked = { read: 0, older: 0, append: 0, marks: 0 }
  const here = await stage({ through: (log) => counting(log, asked), ...options })
  const ears = Array.from({ length: many }, () => new Ear(here))
  await here.clock.settle()
  return { ...here, ears, asked }
}

async function inRoom(many: number, options: StageOptions = {}) {
  const here = await crowd(many, options)
  for (const ear of here.ears) ear.join()
  // All that is told of who came has been told.
  await here.clock.pass(10_000)
  for (const ear of here.ears) ear.frames.length = 0
  return here
}

function drafts(count: number): Draft[] {
  return Array.from({ length: count }, (_, index): Draft => {
    return { by: alice, id: `d${index}`, fact: { type: 'message.posted', parts: [{ type: 'text', text: `${index}` }] } }
  })
}

async function said(log: Log, count: number): Promise<readonly Appended[]> {
  await log.open(lobby)
  return log.append(lobby, drafts(count))
}

test('what many hear is one frame, encoded once', async () => {
  const { ears, clock } = await inRoom(50)
  ears[0]?.post('m1')
  await clock.pass(1_000)
  const pages = ears.flatMap((ear) => ear.pages)
  expect(pages).toHaveLength(50)
  expect(new Set(pages).size).toBe(1)
})

test('what happens together is one append of each who speaks, and told in one frame', async () => {
  const { ears, asked, clock } = await inRoom(20)
  for (const [speaker, ear] of ears.entries())
    for (let number = 0; number < 5; number += 1) ear.post(`${speaker}-${number}`)
  await clock.pass(1_000)
  // The first of each goes at once, what comes while that is under way goes as one.
  expect(asked.append).toBe(40)
  for (const ear of ears) expect(ear.pages.length).toBeLessThanOrEqual(2)
})

test('a crowded room is told seldom enough that telling it is not all that a server does', async () => {
  const { ears, clock } = await inRoom(500)
  const [speaker, listener] = ears
  for (let number = 0; number < 20; number += 1) {
    speaker?.post(`m${number}`)
    await clock.pass(1)
  }
  // 500 readers, every 5 ms at most: at 0, 5, 10, 15 and 20.
  expect(listener?.pages).toHaveLength(5)
})

test('a delivery costs no promise, no timer, and no look at JSON', async () => {
  const costs = async (readers: number) => {
    const { ears, clock } = await inRoom(readers)
    let promises = 0
    const init = (_: number, type: string): void => {
      if (type === 'PROMISE') promises += 1
    }
    const hook = createHook({ init })
    const spies = [vi.spyOn(JSON, 'stringify'), vi.spyOn(JSON, 'parse'), vi.spyOn(clock, 'after')]
    hook.enable()
    ears[0]?.post('m1')
    await clock.settle()
    hook.disable()
    const calls = spies.map((spy) => spy.mock.calls.length)
    for (const spy of spies) spy.mockRestore()
    expect(ears.at(-1)?.pages).toHaveLength(1)
    return { promises, calls }
  }
  const few = await costs(10)
  expect(few.promises).toBeGreaterThan(0)
  expect(few.calls[0]).toBeGreaterThan(0)
  expect(await costs(90)).toEqual(few)
})

test('whoever comes at the same moment as others costs the log nothing', async () => {
  const costs = async (many: number) => {
    const { ears, log, asked, clock } = await crowd(many)
    await said(log, 500)
    for (const ear of ears) ear.join({ history: 300 })
    await clock.pass(1_000)
    for (const ear of ears) expect(ear.pages).toHaveLength(1)
    expect(new Set(ears.flatMap((ear) => ear.pages)).size).toBe(1)
    return asked
  }
  expect(await costs(60)).toEqual(await costs(1))
})

test('whoever comes back at the same moment to the same place costs the log nothing', async () => {
  const costs = async (many: number) => {
    const { ears, log, asked, clock } = await crowd(many)
    const { epoch } = await log.open(lobby)
    await said(log, 2_000)
    for (const ear of ears) ear.join({ at: { epoch, seq: 10 } })
    await clock.pass(1_000)
    const frames = new Set(ears.flatMap((ear) => ear.pages))
    return { asked, frames: frames.size }
  }
  const one = await costs(1)
  expect(one.asked.read).toBeGreaterThan(1)
  expect(await costs(60)).toEqual(one)
})

test('an agent that wants no history costs no reading', async () => {
  const costs = async (history: object) => {
    const puppet = Object.assign(new Puppet(), history)
    const { ears, asked, clock } = await crowd(1, { agents: [{ agent: puppet, answers: 'everything' }] })
    const [ear] = ears
    ear?.join()
    await clock.settle()
    asked.read = 0
    ear?.post('m1')
    await clock.settle()
    expect(puppet.on.turn.history).toEqual([])
    return asked.read + asked.older
  }
  expect(await costs({ history: 0 })).toBe(0)
  expect(await costs({})).toBeGreaterThan(0)
})

test('a page that was read for others is never told once a part of it was removed', async () => {
  const { ears, log, clock } = await crowd(2)
  const { epoch } = await log.open(lobby)
  await said(log, 600)
  const [first, second] = ears
  first?.join({ at: { epoch, seq: 0 } })
  await clock.settle()
  first?.say({ type: 'redact', ref: 'r', room: lobby, id: 'x', message: 'alice/d7' })
  await clock.settle()
  second?.join({ at: { epoch, seq: 0 } })
  await clock.pass(100)
  const texts = second?.frames.flatMap(({ texts }) => texts).join('\n') ?? ''
  expect(texts).toContain('"d8"')
  expect(texts).toContain('message.redacted')
  expect(texts).not.toMatch(/"text":"7"/u)
})

test('a room at rest asks the log for nothing, where nobody else can write', async () => {
  const polled = async (alone: boolean): Promise<number> => {
    const asks: Asked = { read: 0, older: 0, append: 0, marks: 0 }
    const here = await stage({ through: (log) => ({ ...counting(log, asks), alone }) })
    new Ear(here).join()
    await here.clock.pass(1_000)
    const before = asks.read
    await here.clock.pass(60_000)
    return asks.read - before
  }
  expect(await polled(true)).toBe(0)
  expect(await polled(false)).toBeGreaterThan(5)
})
