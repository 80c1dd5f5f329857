import { expect, test } from 'vitest'
import { isProblem, type ProblemCode, problem, problems, Refusal, retryAfterClose } from '../src/problem.ts'

test('[S6] every problem says by its code whether trying again makes sense, and what to do', () => {
  for (const { retry, advice } of Object.values(problems)) {
    expect(['never', 'now', 'later', 'renew']).toContain(retry)
    expect(advice).not.toBe('')
  }
})

test('[S6] who was refused for something wrong need not try again, who met bad weather should', () => {
  const retry = (code: ProblemCode): string => problems[code].retry
  expect(
    ['message.invalid', 'room.unknown', 'access.denied', 'id.conflict', 'run.over'].map((code) =>
      retry(code as ProblemCode),
    ),
  ).toEqual(Array(5).fill('never'))
  expect([retry('storage.unavailable'), retry('rate.exceeded'), retry('server.failed')]).toEqual(Array(3).fill('later'))
  expect([retry('auth.invalid'), retry('auth.expired'), retry('auth.missing')]).toEqual(Array(3).fill('renew'))
})

test('a refusal carries its problem and reads like it', () => {
  const refusal = new Refusal('rate.exceeded', 'slow down', { retryAfterMs: 20 })
  expect(refusal).toBeInstanceOf(Error)
  expect(refusal.message).toBe('slow down')
  expect(refusal.problem).toEqual({ code: 'rate.exceeded', message: 'slow down', retryAfterMs: 20 })
})

test('a problem is known by its code, which no inherited name passes for', () => {
  expect(isProblem(problem('run.over', 'it has ended'))).toBe(true)
  for (const thing of [{}, { code: 'run.over' }, { code: 'constructor', message: '' }, { code: 4009, message: '' }])
    expect(isProblem(thing)).toBe(false)
})

test('the code of a close tells whether to come back: with a new token, at once, later or never', () => {
  expect(retryAfterClose(4000)).toBe('renew')
  expect(retryAfterClose(4005)).toBe('renew')
  expect(retryAfterClose(4001)).toBe('later')
  expect(retryAfterClose(4004)).toBe('never')
  expect(retryAfterClose(4007)).toBe('now')
  expect(retryAfterClose(1012)).toBe('later')
  expect([1002, 1003, 1007, 1009].map(retryAfterClose)).toEqual(Array(4).fill('never'))
  expect([1001, 1006, 1011, 4999].map(retryAfterClose)).toEqual(Array(4).fill('now'))
})
