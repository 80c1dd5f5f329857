import fc from 'fast-check'
import { expect, test } from 'vitest'
import { absurd, isId, isSession, roomId } from '../src/words.ts'
import { room } from './facts.ts'

const ROOM = 'ABCXYZabcxyz0189_.:@#*~+=!$-'
const ID = 'ABCXYZabcxyz0189_.:-'

test('a room id is 1 to 128 characters of its alphabet, and nothing in it is a pattern', () => {
  for (const name of ['a', 'lobby', '*', '#general', 'a:b', '..', '__proto__', 'constructor', ROOM, 'x'.repeat(128)])
    expect(roomId(name)).toBe(name)
})

test('what is not a room id is none', () => {
  for (const name of ['', 'x'.repeat(129), 'a b', 'a/b', '../x', 'é', 'a\n', 'a\0', '%2e', 'a\u2028', '\ud83d', '"'])
    expect(roomId(name)).toBeUndefined()
  for (const thing of [undefined, null, 1, true, {}, ['lobby'], { toString: () => 'lobby' }])
    expect(roomId(thing)).toBeUndefined()
})

test('a message id is 1 to 128 characters of a smaller alphabet', () => {
  for (const id of ['1', ID, '__proto__', 'x'.repeat(128), '0b6f3c1e-6a55-4b0c-9d7e-1f1f8f0e2a11'])
    expect(isId(id)).toBe(true)
  for (const id of ['', 'x'.repeat(129), 'a b', '#', '*', 'a/b', '\n1', '1\n', 'é', 7, null, undefined, ['1']])
    expect(isId(id)).toBe(false)
})

test('whatever text it is, the door decides by the alphabet alone', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 140 }), (name) => {
      const fine = (alphabet: RegExp): boolean =>
        name.length > 0 && name.length <= 128 && [...name].every((one) => alphabet.test(one))
      expect(roomId(name) !== undefined).toBe(fine(/[A-Za-z0-9_.:@#*~+=!$-]/))
      expect(isId(name)).toBe(fine(/[A-Za-z0-9_.:-]/))
    }),
  )
})

test('a session room is session: and a UUID in small letters', () => {
  const uuid = '0b6f3c1e-6a55-4b0c-9d7e-1f1f8f0e2a11'
  expect(isSession(room(`session:${uuid}`))).toBe(true)
  for (const name of [`session:${uuid.toUpperCase()}`, `session:${uuid}0`, 'session:', `x-session:${uuid}`, uuid])
    expect(isSession(room(name))).toBe(false)
})

test('a member that a union does not have is a bug, not a case', () => {
  // @ts-expect-error: this is what the compiler prevents.
  expect(() => absurd({ type: 'nonsense' })).toThrow('nonsense')
})
