import { expect, test } from 'vitest'
import { addressFrom, serverAddress } from '../src/address.ts'

test('a server is reached under /api/ws unless the URL says otherwise', () => {
  expect(serverAddress('http://127.0.0.1:3000').socket).toBe('ws://127.0.0.1:3000/api/ws')
  expect(serverAddress('https://talk.example.org/').socket).toBe('wss://talk.example.org/api/ws')
  expect(serverAddress('wss://example.org/chat/api/ws?tenant=a').socket).toBe('wss://example.org/chat/api/ws?tenant=a')
})

test('what is asked over HTTP lies beside the socket, without its query', () => {
  expect(serverAddress('ws://127.0.0.1:3000').beside('guest').href).toBe('http://127.0.0.1:3000/api/guest')
  expect(serverAddress('wss://example.org/chat/api/ws?token=x').beside('about').href).toBe(
    'https://example.org/chat/api/about',
  )
})

test('a server is named without anything secret', () => {
  expect(serverAddress('wss://example.org/api/ws?token=secret').origin).toBe('https://example.org')
})

test('what is no server, or carries a password, is refused', () => {
  for (const wrong of ['', 'localhost:3000', 'ftp://example.org', 'foo'])
    expect(() => serverAddress(wrong), wrong).toThrow('A server is a URL')
  expect(() => serverAddress('https://ada:secret@example.org')).toThrow('no password')
})

test('the flag wins over the environment, which wins over this machine', () => {
  const env = { PARLEY_URL: 'http://b:1' }
  expect(addressFrom('http://a:1', env).origin).toBe('http://a:1')
  expect(addressFrom(undefined, env).origin).toBe('http://b:1')
  expect(addressFrom(undefined, { PARLEY_URL: '' }).origin).toBe('http://127.0.0.1:3000')
})
