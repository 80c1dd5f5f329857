import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal } from '@parley/protocol'
import { expect, test } from 'vitest'
import { serverAddress } from '../src/address.ts'
import { givenToken, guestCredentials } from '../src/credentials.ts'
import { configFolder, type Guests, guestsIn } from '../src/guests.ts'
import { serverFor, tempFolder } from './world.ts'

function credentials(url: string, guests: Guests, now = Date.now) {
  const { token, refused } = guestCredentials({ server: serverAddress(url), trust: { headers: {} }, guests, now })
  if (typeof token === 'string') throw new Error('guests fetch their token')
  return { token: async () => token(), refused }
}

/** The user that a token speaks for. */
function userOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).sub
}

test('a guest is remembered per server, in a file that nobody else may read', async () => {
  const folder = join(tempFolder(), 'config', 'parley')
  const guests = guestsIn(folder)
  await guests.keep('http://a', { token: 'one', expiresAt: 1 })
  await guests.keep('http://b', { token: 'two', expiresAt: 2 })
  expect(await guestsIn(folder).find('http://a')).toEqual({ token: 'one', expiresAt: 1 })
  expect(await guests.find('http://c')).toBeUndefined()
  expect(statSync(join(folder, 'guests.json')).mode & 0o777).toBe(0o600)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
})

test('a damaged file remembers nobody and is replaced', async () => {
  const folder = tempFolder()
  const file = join(folder, 'guests.json')
  for (const damage of ['', '{', '[1]', 'null', '{"http://a":{"token":7}}']) {
    writeFileSync(file, damage)
    expect(await guestsIn(folder).find('http://a'), damage).toBeUndefined()
  }
  await guestsIn(folder).keep('http://a', { token: 'one', expiresAt: 1 })
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ 'http://a': { token: 'one', expiresAt: 1 } })
})

test('the file lies where the environment says', () => {
  expect(configFolder({ XDG_CONFIG_HOME: '/x' })).toBe('/x/parley')
  expect(configFolder({ XDG_CONFIG_HOME: '' })).toMatch(/\/\.config\/parley$/)
})

test('a guest stays the same person, also when the token is renewed', async () => {
  const { url } = await serverFor()
  const folder = tempFolder()
  const token = await credentials(url, guestsIn(folder)).token()
  expect(await credentials(url, guestsIn(folder)).token()).toBe(token)
  const nearItsEnd = () => Date.now() + 30 * 86_400_000 - 60_000
  expect(userOf(await credentials(url, guestsIn(folder), nearItsEnd).token())).toBe(userOf(token))
})

test('a guest whom the server does not know any more becomes another', async () => {
  const { url } = await serverFor()
  const guests = guestsIn(tempFolder())
  const { origin } = serverAddress(url)
  await guests.keep(origin, { token: 'of-another-life', expiresAt: Date.now() + 1e9 })
  const { token, refused } = credentials(url, guests)
  expect(await token()).toBe('of-another-life')
  refused()
  const fresh = await token()
  expect(userOf(fresh)).toMatch(/^guest-/)
  expect(await guests.find(origin)).toMatchObject({ token: fresh })
})

test('a server without guests says what to do', async () => {
  const { url } = await serverFor({ secret: 'a secret of some length' })
  const asked = credentials(url, guestsIn(tempFolder())).token()
  await expect(asked).rejects.toThrow('takes no guests')
  await expect(asked).rejects.toBeInstanceOf(Refusal)
})

test('a token comes from the flags before the environment, and a file is read each time', async () => {
  const file = join(tempFolder(), 'token')
  writeFileSync(file, 'one\n')
  const fromFile = givenToken({ tokenFile: file }, { PARLEY_TOKEN: 'env' })
  if (typeof fromFile !== 'function') throw new Error('a file is read when it is needed')
  expect(await fromFile()).toBe('one')
  writeFileSync(file, 'two\n')
  expect(await fromFile()).toBe('two')
  writeFileSync(file, '\n')
  await expect(fromFile()).rejects.toThrow('is empty')
  expect(givenToken({ token: 'flag' }, { PARLEY_TOKEN: 'env' })).toBe('flag')
  expect(givenToken({}, { PARLEY_TOKEN: ' env\n' })).toBe('env')
  expect(givenToken({}, { PARLEY_TOKEN: '' })).toBeUndefined()
})
