import { expect, test } from 'vitest'
import {
  newSession,
  parseCount,
  parseDuration,
  parseGrant,
  parseHeader,
  parsePort,
  parsePosition,
  parseRoom,
} from '../src/parse.ts'

test('a duration is a number and a unit', () => {
  expect(['250ms', '30s', '1.5m', '1h', '7d'].map(parseDuration)).toEqual([250, 30_000, 90_000, 3_600_000, 604_800_000])
  for (const wrong of ['', '10', 's', '-1s', '0s', '1y', '1 h', '1e3s', 'Infinityh'])
    expect(() => parseDuration(wrong), wrong).toThrow('A duration is')
})

test('a port is between 0 and 65535', () => {
  expect([parsePort('0'), parsePort('65535')]).toEqual([0, 65_535])
  for (const wrong of ['', '65536', '-1', '80a', '1e3']) expect(() => parsePort(wrong), wrong).toThrow('A port is')
})

test('a count is whole and not too small', () => {
  expect(parseCount(0)('0')).toBe(0)
  for (const wrong of ['0', '1.5', 'x', '-1', '']) expect(() => parseCount(1)(wrong), wrong).toThrow('at least 1')
})

test('headers gather by name and keep colons in their value', () => {
  expect(parseHeader('X-Via: http://a:1', parseHeader('X-Tenant:  acme '))).toEqual({
    'X-Tenant': 'acme',
    'X-Via': 'http://a:1',
  })
  for (const wrong of ['X-Tenant', ': x', 'a b: c', 'x: a\r\ny: b']) expect(() => parseHeader(wrong), wrong).toThrow()
})

test('a grant is a room with all actions, or with those that are named behind the last colon', () => {
  const all = ['read', 'write', 'run', 'manage']
  expect(parseGrant('lobby')).toEqual([{ room: 'lobby', can: all }])
  expect(parseGrant('team:red')).toEqual([{ room: 'team:red', can: all }])
  expect(parseGrant('team:*:write,read')).toEqual([{ room: 'team:*', can: ['read', 'write'] }])
  expect(parseGrant('b', parseGrant('a:read'))).toEqual([
    { room: 'a', can: ['read'] },
    { room: 'b', can: all },
  ])
  expect(() => parseGrant('lobby:read,wirte')).toThrow("'wirte' is not an action")
  expect(() => parseGrant('no room')).toThrow('A room is named')
})

test('a position is what send prints', () => {
  expect(parsePosition('6a/b/17')).toEqual({ epoch: '6a/b', seq: 17 })
  for (const wrong of ['17', '/17', 'a/', 'a/x', 'a/1.5']) expect(() => parsePosition(wrong), wrong).toThrow()
})

test('rooms are checked, and a new session is one', () => {
  expect(parseRoom('team:red#1')).toBe('team:red#1')
  expect(() => parseRoom('a room')).toThrow('A room is named')
  expect(newSession('fed0572e-05b6-4f83-9756-a31b865fba88')).toMatch(/^session:/)
})
