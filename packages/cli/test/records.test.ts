import type { Event, Page } from '@parley/protocol'
import { expect, test } from 'vitest'
import { recordsOf } from '../src/records.ts'
import { ada, guide, room } from './world.ts'

const grew = (seq: number, from: number, text: string): Event => ({
  seq,
  at: 5,
  by: guide,
  fact: { type: 'message.grew', message: 'm', part: 0, kind: 'text', from, text },
})

const page = (events: readonly Event[], more: Partial<Page> = {}): Page => ({
  room: room('lobby'),
  epoch: 'one',
  after: 0,
  upTo: 9,
  events,
  ...more,
})

test('an event is one object, its fields always in the same order', () => {
  const posted: Event = {
    fact: { type: 'message.posted', parts: [{ type: 'text', text: 'hi' }] },
    id: 'x',
    by: ada,
    at: 5,
    seq: 1,
  }
  expect(recordsOf(page([posted])).map((record) => JSON.stringify(record))).toEqual([
    '{"room":"lobby","epoch":"one","seq":1,"at":5,"by":{"id":"ada","kind":"user","name":"Ada"},"id":"x","fact":{"type":"message.posted","parts":[{"type":"text","text":"hi"}]}}',
  ])
})

test('pieces of a message come joined, and not at all once it is whole', () => {
  expect(recordsOf(page([grew(2, 0, 'a'), grew(3, 1, 'b')]))).toMatchObject([{ seq: 2, fact: { text: 'ab' } }])
  const closed: Event = {
    seq: 4,
    at: 5,
    by: guide,
    id: 'c',
    fact: { type: 'message.closed', message: 'm', parts: [], outcome: 'completed' },
  }
  expect(recordsOf(page([grew(2, 0, 'a'), closed]))).toMatchObject([{ seq: 4 }])
})

test('a break in what can be told is a line of its own; the beginning is none', () => {
  expect(recordsOf(page([], { reset: 'retention', after: 7 }))).toEqual([
    { room: 'lobby', epoch: 'one', reset: 'retention', after: 7 },
  ])
  expect(recordsOf(page([], { reset: 'start' }))).toEqual([])
})
