import { expect, test } from 'vitest'
import { native, SUBPROTOCOL } from '../../src/dialects/native.ts'
import { problem } from '../../src/problem.ts'
import { closed, lobby, page, streamed } from '../facts.ts'
import { parsed } from './greeting.ts'

test('[F1] a frame is one command, with the ref that its sender gave it', () => {
  expect(native.decode('{"type":"leave","ref":"7","room":"lobby"}', undefined)).toEqual([
    { ref: '7', command: { type: 'leave', room: 'lobby' } },
  ])
  expect(SUBPROTOCOL).toBe('parley.v1')
})

test('[F2] a reply carries the ref and either an answer or a problem', () => {
  const asked = { ref: '7', command: { type: 'leave', room: lobby } } as const
  const denied = problem('rate.exceeded', 'slow down', { retryAfterMs: 5 })
  expect(parsed(native.reply({ ...asked, answer: { type: 'leave', room: lobby } }, undefined))).toEqual([
    { type: 'reply', ref: '7', answer: { type: 'leave', room: 'lobby' } },
  ])
  expect(parsed(native.reply({ ...asked, problem: denied }, undefined))).toEqual([
    { type: 'reply', ref: '7', problem: { code: 'rate.exceeded', message: 'slow down', retryAfterMs: 5 } },
  ])
})

test('[F3] what is no command is told as a problem, with the ref where one could be read', () => {
  const [nothing] = native.decode('{"type":', undefined)
  expect(nothing).toEqual({ problem: problem('message.invalid', 'the frame is not valid JSON') })
  const [unknown] = native.decode('{"type":"nonsense","ref":"7"}', undefined)
  expect(unknown).toEqual({ ref: '7', problem: expect.objectContaining({ code: 'message.invalid' }) })
  if (unknown === undefined || !('problem' in unknown)) throw new Error('it was understood')
  const [notice] = parsed(native.notice({ type: 'problem', ...unknown }, undefined))
  expect(notice).toEqual({ type: 'problem', ref: '7', problem: unknown.problem })
})

test('[P1, P4] a page is told as it is, in as few words as will do', () => {
  const whole = page([...streamed(1, 'one ', 'two'), closed(5, 'one two')], { reset: 'start', earlier: false })
  const [told] = parsed(native.page(whole, new Map()))
  expect(told).toEqual({
    type: 'page',
    page: { ...whole, events: whole.events.filter(({ seq }) => seq < 3 || seq > 4) },
  })
})

test('[C5] a notice is told as it is', () => {
  const welcome = {
    type: 'welcome',
    actor: { id: 'alice', kind: 'user', name: 'Alice' },
    node: 'n1',
    now: 1,
    heartbeatMs: 25_000,
    maxFrameBytes: 262_144,
    expiresAt: 9,
  } as const
  expect(parsed(native.notice(welcome, undefined))).toEqual([welcome])
})

test('a native client says everything itself, keeps its place, and hears its own words like everybody else', () => {
  expect(native.opening(undefined)).toEqual([])
  expect(native).toMatchObject({ resumes: true, echoes: true, welcomesGuests: false })
})
