// What waits for an answer stands under a number that is used again.
import { expect, test } from 'vitest'
import { Desk } from '../src/adapters/desk.ts'

test('each is taken once, by its number, which is the next one’s then', () => {
  const desk = new Desk<string>()
  const [a, b, c] = ['a', 'b', 'c'].map((item) => desk.put(item))
  expect([a, b, c, desk.size]).toEqual([0, 1, 2, 3])
  expect([desk.take(1), desk.take(1), desk.take(7)]).toEqual(['b', undefined, undefined])
  expect(desk.size).toBe(2)
  expect([desk.put('d'), desk.put('e')]).toEqual([1, 3])
  expect([desk.take(1), desk.take(0), desk.size]).toEqual(['d', 'a', 2])
})

test('where all are taken, nothing waits any more', () => {
  const desk = new Desk<string>()
  for (const item of ['a', 'b', 'c']) desk.put(item)
  desk.take(0)
  expect(desk.takeAll()).toEqual(['b', 'c'])
  expect([desk.size, desk.take(1), desk.put('d')]).toEqual([0, undefined, 0])
})
