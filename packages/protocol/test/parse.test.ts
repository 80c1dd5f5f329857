import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isJson, isToken, parseCommand, readJson } from '../src/parse.ts'
import { isProblem } from '../src/problem.ts'

/** The command of a frame with the ref "1", or the problem with it. */
function read(frame: object): unknown {
  const parsed = parseCommand({ ref: '1', ...frame })
  return 'command' in parsed ? parsed.command : parsed.problem
}

/** The field that a frame was refused for. */
function wrong(frame: object): unknown {
  const parsed = parseCommand({ ref: '1', ...frame })
  if (!('problem' in parsed)) throw new Error(`it was understood: ${JSON.stringify(parsed)}`)
  expect(parsed.problem.code).toBe('message.invalid')
  expect(parsed.ref).toBe('1')
  return parsed.problem.details?.field
}

const post = { type: 'post', room: 'lobby', id: 'm1', parts: [{ type: 'text', text: 'hello' }] }

test('[F1] a frame is an object with a type and a ref, and becomes a command that carries the ref', () => {
  expect(parseCommand({ type: 'ping', ref: 'x'.repeat(128) })).toEqual({
    ref: 'x'.repeat(128),
    command: { type: 'ping' },
  })
  expect(parseCommand({ type: 'rooms', ref: 'é 💬' })).toEqual({ ref: 'é 💬', command: { type: 'rooms' } })
})

test('[F1] a ref of no characters, of too many or of no text is refused, and not repeated', () => {
  for (const ref of [undefined, '', 'x'.repeat(129), 1, null, {}, ['1']])
    expect(parseCommand({ type: 'ping', ref })).toEqual({
      problem: expect.objectContaining({ code: 'message.invalid', details: { field: 'ref' } }),
    })
})

test('[F3] what is no object with a known type is refused', () => {
  for (const value of [null, 1, 'ping', true, [], [{ type: 'ping', ref: '1' }]])
    expect(parseCommand(value)).toEqual({ problem: expect.objectContaining({ code: 'message.invalid' }) })
  for (const type of [undefined, 1, null, {}, '', 'Ping', 'welcome', 'page', 'reply'])
    expect(wrong({ type })).toBe('type')
})

test('[F3] a type named like something that every object has is unknown like any other', () => {
  for (const type of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'size', 'get'])
    expect(wrong({ type })).toBe('type')
})

test('join: a room, and from where', () => {
  const join = { type: 'join', room: 'lobby' }
  expect(read(join)).toEqual(join)
  expect(read({ ...join, at: { epoch: 'e1', seq: 0 }, history: 0 })).toEqual({
    ...join,
    at: { epoch: 'e1', seq: 0 },
    history: 0,
  })
  expect(read({ ...join, history: 1e9 })).toEqual({ ...join, history: 1000 })
  const positions = [null, 7, '7', [], {}, { epoch: 'e1' }, { seq: 1 }, { epoch: '', seq: 1 }, { epoch: 'e1', seq: -1 }]
  const numbers = [
    { epoch: 'e1', seq: 1.5 },
    { epoch: 'e1', seq: '1' },
    { epoch: 1, seq: 1 },
    { epoch: 'x'.repeat(65), seq: 1 },
  ]
  for (const at of [...positions, ...numbers]) expect(wrong({ ...join, at })).toBe('at')
  for (const history of [-1, 1.5, '5', null, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])
    expect(wrong({ ...join, history })).toBe('history')
})

test('every command about a room wants a room id', () => {
  for (const type of ['join', 'leave', 'post', 'cancel', 'older'])
    for (const room of [undefined, '', 'a b', 'x'.repeat(129), 1, null, {}, ['lobby']])
      expect(wrong({ ...post, run: 'r', before: 1, type, room })).toBe('room')
})

test('leave and cancel: a room, and a run', () => {
  expect(read({ type: 'leave', room: 'lobby' })).toEqual({ type: 'leave', room: 'lobby' })
  expect(read({ type: 'cancel', room: 'lobby', run: 'r1' })).toEqual({ type: 'cancel', room: 'lobby', run: 'r1' })
  for (const run of [undefined, '', 'a b', 1, {}]) expect(wrong({ type: 'cancel', room: 'lobby', run })).toBe('run')
})

test('post: an id, parts, and a priority and meta where given', () => {
  expect(read(post)).toEqual(post)
  const data = { type: 'data', name: 'place', data: { at: [1, null, true] } }
  const rich = { ...post, parts: [...post.parts, data], priority: 0, meta: { lang: 'de' } }
  expect(read(rich)).toEqual(rich)
  expect(read({ ...post, parts: 'hello' })).toEqual(post)
  expect(read({ ...post, after: 'm0' })).toEqual({ ...post, after: 'm0' })
  for (const id of [undefined, '', 'a b', 'x'.repeat(129), 1]) expect(wrong({ ...post, id })).toBe('id')
  for (const after of ['', 'a b', 'x'.repeat(129), 1, null]) expect(wrong({ ...post, after })).toBe('after')
  for (const priority of [-1, 5, 1.5, '2', null]) expect(wrong({ ...post, priority })).toBe('priority')
  for (const meta of [null, 'x', [], 1, { deep: Number.POSITIVE_INFINITY }])
    expect(wrong({ ...post, meta })).toBe('meta')
})

test('post: parts are texts and data of a bounded number and depth', () => {
  const text = { type: 'text', text: 'hello' }
  const bad = [
    undefined,
    null,
    '',
    {},
    [],
    Array(65).fill(text),
    [null],
    ['hello'],
    [[]],
    [{ type: 'text' }],
    [{ type: 'text', text: 1 }],
    [{ type: 'data', name: 'x' }],
    [{ type: 'data', name: 1, data: 1 }],
    [{ type: 'data', name: 'x'.repeat(129), data: 1 }],
    [{ type: 'data', name: 'x', data: nested(40) }],
    [text, { type: 'image', url: 'http://example.org' }],
  ]
  for (const parts of bad) expect(wrong({ ...post, parts })).toBe('parts')
  expect(read({ ...post, parts: Array(64).fill(text) })).toMatchObject({ parts: { length: 64 } })
})

test('[V1] reasoning and tools are an agent’s alone to say', () => {
  expect(wrong({ ...post, parts: [{ type: 'reasoning', text: 'hm' }] })).toBe('parts')
  expect(wrong({ ...post, parts: [{ type: 'tool', call: 'c1' }] })).toBe('parts')
})

test('[V1, F5] who and when a client claims is ignored like every field that a command does not have', () => {
  const claims = { by: { id: 'root', kind: 'system' }, at: 0, seq: 9, fact: { type: 'run.ended' }, senderId: 'root' }
  expect(read({ ...post, ...claims })).toEqual(post)
  expect(read({ type: 'ping', later: nested(1000) })).toEqual({ type: 'ping' })
  expect(read({ ...post, parts: [{ type: 'text', text: 'hello', by: 'root' }] })).toEqual(post)
})

test('older: before where, and how many', () => {
  const older = { type: 'older', room: 'lobby', before: 7 }
  expect(read(older)).toEqual({ ...older, limit: 100 })
  expect(read({ ...older, limit: 5000 })).toEqual({ ...older, limit: 1000 })
  for (const before of [undefined, -1, 1.5, '7', null]) expect(wrong({ ...older, before })).toBe('before')
  for (const limit of [0, -1, 1.5, '7', null]) expect(wrong({ ...older, limit })).toBe('limit')
})

test('authenticate: a token of a bounded length', () => {
  expect(read({ type: 'authenticate', token: 'abc' })).toEqual({ type: 'authenticate', token: 'abc' })
  for (const token of [undefined, '', 1, null, 'x'.repeat(8193)])
    expect(wrong({ type: 'authenticate', token })).toBe('token')
  expect(isToken('x'.repeat(8192))).toBe(true)
})

test('[F3] a text that is no JSON is refused, whatever is wrong with it', () => {
  for (const text of [
    '',
    ' ',
    '{',
    '{"type":"ping"',
    "{'type':'ping'}",
    'undefined',
    'NaN',
    '\ufeff{"type":"ping","ref":"1"}',
  ])
    expect(readJson(text)).toEqual({ problem: expect.objectContaining({ code: 'message.invalid' }) })
})

test('[F3] numbers beyond all numbers are no numbers of events, and no data', () => {
  const { json } = readJson('{"type":"join","ref":"1","room":"lobby","history":1e999}') as { json: object }
  expect(wrong(json)).toBe('history')
  expect(isJson(Number.POSITIVE_INFINITY)).toBe(false)
})

test('of two fields of the same name the last counts, as everywhere in JSON', () => {
  const { json } = readJson('{"type":"rooms","ref":"1","type":"ping"}') as { json: object }
  expect(parseCommand(json)).toEqual({ ref: '1', command: { type: 'ping' } })
})

test('JSON as deep as it likes is read, and as data refused beyond a depth', () => {
  const text = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  const read = readJson(text)
  expect('json' in read && isJson(read.json)).toBe(false)
  expect(isJson(nested(31))).toBe(true)
  expect(isJson(nested(33))).toBe(false)
})

test('keys that reach for the prototype are refused as data and change nothing', () => {
  const { json } = readJson('{"__proto__":{"admin":true}}') as { json: object }
  expect(isJson(json)).toBe(false)
  expect(isJson([{ deep: json }])).toBe(false)
  expect(wrong({ ...post, meta: json })).toBe('meta')
  expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false)
  expect(isJson({ constructor: { prototype: 1 } })).toBe(true)
})

test('half a character, NUL and line separators come out as they went in', () => {
  const words = '\ud83d \udcac \0 \u2028 \u2029 \u202e'
  const { json } = readJson(JSON.stringify({ ref: '1', ...post, parts: words })) as { json: object }
  expect(parseCommand(json)).toMatchObject({ command: { parts: [{ type: 'text', text: words }] } })
})

test('[F3] whatever JSON it is, the door answers with a command or a problem and never throws', () => {
  const field = fc.oneof(fc.jsonValue(), fc.constantFrom('lobby', 'm1', 1, { epoch: 'e', seq: 1 }))
  const type = fc.constantFrom('join', 'leave', 'post', 'cancel', 'older', 'rooms', 'authenticate', 'ping', '__proto__')
  const names = ['room', 'at', 'history', 'id', 'parts', 'priority', 'meta', 'run', 'before', 'limit', 'token'] as const
  const fields = Object.fromEntries(names.map((name) => [name, field]))
  const frame = fc.record({ type, ref: fc.constant('1'), ...fields }, { requiredKeys: ['type', 'ref'] })
  fc.assert(
    fc.property(fc.oneof(frame, fc.jsonValue()), (value) => {
      const parsed = parseCommand(value)
      if ('problem' in parsed) return isProblem(parsed.problem)
      // What was understood is understood again: a command holds no more than what can be said on the wire.
      const said = JSON.parse(JSON.stringify({ ref: parsed.ref, ...parsed.command }))
      expect(parseCommand(said)).toEqual(parsed)
      return true
    }),
    { numRuns: 500 },
  )
})

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let index = 0; index < depth; index += 1) value = [value]
  return value
}
