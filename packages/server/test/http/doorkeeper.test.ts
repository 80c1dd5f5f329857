import { afterEach, expect, test, vi } from 'vitest'
import { Doorkeeper, isLoopbackHost } from '../../src/doorkeeper.ts'

const anywhere = { origins: undefined, loopback: false }

test('[C4] without configuration only the server’s own pages may connect', () => {
  const door = new Doorkeeper(anywhere)
  expect(door.allows('https://chat.example', 'chat.example')).toBe(true)
  expect(door.allows('https://chat.example:8443', 'chat.example:8443')).toBe(true)
  expect(door.allows('https://chat.example', 'CHAT.example')).toBe(true)
  for (const origin of [
    'https://evil.example',
    'https://chat.example.evil',
    'https://evilchat.example',
    'https://chat.example:8443',
    'https://sub.chat.example',
    'null',
    '',
    'file://',
    'file://chat.example',
    'chrome-extension://chat.example',
    'chat.example',
    'https://',
  ])
    expect(door.allows(origin, 'chat.example')).toBe(false)
  expect(door.allows('https://chat.example', undefined)).toBe(false)
})

test('[C4] programs, which send no origin, may connect', () => {
  expect(new Doorkeeper(anywhere).allows(undefined, 'chat.example')).toBe(true)
  expect(new Doorkeeper({ origins: [], loopback: false }).allows(undefined, undefined)).toBe(true)
})

test('[C4] with a list exactly the origins of the list may', () => {
  const door = new Doorkeeper({ origins: ['https://app.example', 'http://localhost:5173'], loopback: false })
  expect(door.allows('https://app.example', 'chat.example')).toBe(true)
  expect(door.allows('http://localhost:5173', 'chat.example')).toBe(true)
  for (const origin of [
    'http://app.example',
    'https://app.example:444',
    'https://app.example.evil',
    'http://localhost',
    '*',
  ])
    expect(door.allows(origin, 'chat.example')).toBe(false)
})

test('[C4] a server on the loopback answers to loopback names alone, whatever name points there', () => {
  const door = new Doorkeeper({ origins: undefined, loopback: true })
  for (const host of ['localhost:3000', '127.0.0.1:3000', '[::1]:3000', 'localhost'])
    expect(door.allows(`http://${host}`, host)).toBe(true)
  for (const host of ['rebound.evil:3000', '127.0.0.1.evil:3000', 'localhost.evil'])
    expect(door.allows(`http://${host}`, host)).toBe(false)
})

test('what is a loopback name, with and without a port', () => {
  for (const host of [
    'localhost',
    'localhost:80',
    '127.0.0.1',
    '127.0.0.1:3000',
    '127.9.9.9',
    '[::1]',
    '[::1]:3000',
    '::1',
  ])
    expect(isLoopbackHost(host)).toBe(true)
  for (const host of [
    '0.0.0.0',
    '::',
    '[::]:80',
    '10.0.0.1',
    '127.0.0.1.evil',
    'notlocalhost',
    'localhost.evil',
    '1',
    '',
  ])
    expect(isLoopbackHost(host)).toBe(false)
})

afterEach(() => vi.useRealTimers())

test('[C6] a ticket stands for its token once, and nothing can be told from its name', () => {
  const door = new Doorkeeper(anywhere)
  const [one, two] = [door.issue('token', undefined), door.issue('token', undefined)]
  expect(one).not.toBe(two)
  expect(one).toMatch(/^[\w-]{32}$/)
  expect(door.redeem(one, undefined)).toBe('token')
  expect(door.redeem(one, undefined)).toBeUndefined()
  expect(door.redeem('', undefined)).toBeUndefined()
  expect(door.redeem('__proto__', undefined)).toBeUndefined()
  expect(door.redeem(two, undefined)).toBe('token')
})

test('[C6] a ticket is good only from the origin that asked for it, and is used up by trying', () => {
  const door = new Doorkeeper(anywhere)
  const ticket = door.issue('token', 'https://chat.example')
  expect(door.redeem(ticket, 'https://evil.example')).toBeUndefined()
  expect(door.redeem(ticket, 'https://chat.example')).toBeUndefined()
  expect(door.redeem(door.issue('token', 'https://chat.example'), undefined)).toBeUndefined()
  expect(door.redeem(door.issue('token', undefined), 'https://chat.example')).toBeUndefined()
  expect(door.redeem(door.issue('token', 'https://chat.example'), 'https://chat.example')).toBe('token')
})

test('[C6] a ticket is good for thirty seconds', () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const door = new Doorkeeper(anywhere)
  const [early, late] = [door.issue('one', undefined), door.issue('two', undefined)]
  vi.advanceTimersByTime(29_000)
  expect(door.redeem(early, undefined)).toBe('one')
  vi.advanceTimersByTime(2_000)
  expect(door.redeem(late, undefined)).toBeUndefined()
})

test('tickets that nobody used do not pile up', () => {
  const door = new Doorkeeper(anywhere)
  const first = door.issue('token', undefined)
  const tickets = Array.from({ length: 10_000 }, () => door.issue('token', undefined))
  expect(door.redeem(first, undefined)).toBeUndefined()
  expect(door.redeem(tickets.at(-1) ?? '', undefined)).toBe('token')
})
