import { expect, test } from 'vitest'
import { configFromEnv, guestsAllowed, SettingError } from '../../src/options.ts'

test('nothing needs to be set', () => {
  expect(configFromEnv({})).toEqual({})
  expect(configFromEnv({ PORT: '', PARLEY_SECRET: '', PARLEY_GUESTS: '', PARLEY_ORIGINS: '' })).toEqual({})
})

test('everything can be set', () => {
  expect(
    configFromEnv({
      HOST: '0.0.0.0',
      PORT: '0',
      PARLEY_DATA: '/var/parley',
      PARLEY_DURABILITY: 'normal',
      PARLEY_LOG: 'memory:',
      PARLEY_SECRET: 's'.repeat(32),
      PARLEY_JWKS_URL: 'https://id.example/keys',
      PARLEY_ISSUER: 'us',
      PARLEY_AUDIENCE: 'parley',
      PARLEY_GUESTS: 'on',
      PARLEY_ORIGINS: 'https://a.example, https://b.example:8443,',
      PARLEY_AGENT: 'echo',
      ANTHROPIC_API_KEY: 'sk',
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:1',
      OPENAI_API_KEY: 'ok',
      OPENAI_BASE_URL: 'http://127.0.0.1:2/v1',
      PARLEY_MODEL: 'm',
      PARLEY_RETENTION_DAYS: '30',
      PARLEY_RUN_LIMIT_MS: '1000',
      PARLEY_RATE: '50',
      PARLEY_TRUST_PROXY: '127.0.0.1',
      PARLEY_LOG_LEVEL: 'warn',
    }),
  ).toEqual({
    host: '0.0.0.0',
    port: 0,
    trustProxy: '127.0.0.1',
    data: '/var/parley',
    durability: 'normal',
    log: 'memory:',
    secret: 's'.repeat(32),
    jwksUrl: 'https://id.example/keys',
    issuer: 'us',
    audience: 'parley',
    guests: true,
    origins: ['https://a.example', 'https://b.example:8443'],
    agent: 'echo',
    claude: { apiKey: 'sk', baseURL: 'http://127.0.0.1:1', model: 'm' },
    openai: { apiKey: 'ok', baseURL: 'http://127.0.0.1:2/v1', model: 'm' },
    retentionDays: 30,
    limits: { runMs: 1_000, userRate: 50, connectionRate: 50 },
    logLevel: 'warn',
  })
})

test('with a key for Claude it is Claude who answers, unless said otherwise', () => {
  expect(configFromEnv({ ANTHROPIC_API_KEY: 'sk' })).toMatchObject({ agent: 'claude' })
  expect(configFromEnv({ ANTHROPIC_API_KEY: 'sk', PARLEY_AGENT: 'guide' })).toMatchObject({ agent: 'guide' })
  expect(configFromEnv({ PARLEY_MODEL: 'm' })).not.toHaveProperty('agent')
  expect(configFromEnv({ OPENAI_API_KEY: 'ok' })).not.toHaveProperty('agent')
  expect(configFromEnv({ PARLEY_AGENT: 'openai' })).toMatchObject({ agent: 'openai' })
})

test('what cannot be read is refused with the name of the setting and what would do', () => {
  const wrong: Record<string, string> = {
    PORT: '70000',
    PARLEY_DURABILITY: 'high',
    PARLEY_LOG: 'mysql://db',
    PARLEY_GUESTS: 'maybe',
    PARLEY_AGENT: 'nobody',
    PARLEY_RETENTION_DAYS: '0',
    PARLEY_RUN_LIMIT_MS: 'long',
    PARLEY_RATE: '-1',
    PARLEY_LOG_LEVEL: 'loud',
    PARLEY_BROKER: 'redis://cache',
  }
  for (const [name, value] of Object.entries(wrong)) {
    expect(() => configFromEnv({ [name]: value })).toThrow(SettingError)
    expect(() => configFromEnv({ [name]: value })).toThrow(name)
  }
  for (const port of ['-1', 'x', '1e9', 'NaN', 'Infinity', '3000.5', ' '])
    expect(() => configFromEnv({ PORT: port })).toThrow('PORT')
})

test('flags are understood in the usual words', () => {
  for (const value of ['on', 'true', '1']) expect(configFromEnv({ PARLEY_GUESTS: value })).toEqual({ guests: true })
  for (const value of ['off', 'false', '0']) expect(configFromEnv({ PARLEY_GUESTS: value })).toEqual({ guests: false })
})

test('guests are welcome by default only where nobody from outside can come and no tokens are known', () => {
  const secret = 's'.repeat(32)
  const access = {
    identify: async () => ({ id: 'a', kind: 'user' as const }),
    guest: () => undefined,
    permit: () => true,
  }
  expect(guestsAllowed({}, '127.0.0.1')).toBe(true)
  expect(guestsAllowed({}, 'localhost')).toBe(true)
  expect(guestsAllowed({}, '::1')).toBe(true)
  expect(guestsAllowed({ secret }, '127.0.0.1')).toBe(false)
  expect(guestsAllowed({ jwksUrl: 'https://id.example' }, '127.0.0.1')).toBe(false)
  expect(guestsAllowed({ access }, '127.0.0.1')).toBe(false)
  expect(guestsAllowed({ secret, guests: true }, '0.0.0.0')).toBe(true)
  expect(guestsAllowed({ guests: true }, '0.0.0.0')).toBe(true)
})

test('a server that nobody could come into, or anybody by mistake, does not start', () => {
  expect(() => guestsAllowed({}, '0.0.0.0')).toThrow(/PARLEY_SECRET/)
  expect(() => guestsAllowed({}, '::')).toThrow(SettingError)
  expect(() => guestsAllowed({ guests: false }, '127.0.0.1')).toThrow(SettingError)
  expect(() => guestsAllowed({ secret: 'short' }, '127.0.0.1')).toThrow(/too short/)
})
