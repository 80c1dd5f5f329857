import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from '@parley/client'
import { type Agent, issueToken } from '@parley/server'
import { expect, onTestFinished, test } from 'vitest'
import { inRoom } from '../src/answers.ts'
import { worker } from './worker.ts'
import { parley, serverFor, tempFolder } from './world.ts'

const secret = 'a secret of some length'

/** Says some words, and then waits until it is stopped. */
const thinker: Agent = {
  id: 'thinker',
  name: 'thinker',
  async *reply({ signal }) {
    yield 'let me think'
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
  },
}

const records = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

test('help teaches: every command has examples, and the whole its exit codes', async () => {
  const help = parley(['--help'])
  expect(await help.done).toBe(0)
  expect(help.out()).toMatch(/Exit codes:[\s\S]*130/)
  for (const name of ['serve', 'chat', 'send', 'tail', 'upload', 'save', 'token']) {
    const one = parley([name, '--help'])
    expect(await one.done).toBe(0)
    expect(one.out(), name).toContain('Examples:')
  }
})

test('a version is a version', async () => {
  const version = parley(['--version'])
  expect(await version.done).toBe(0)
  expect(version.out()).toMatch(/^\d+\.\d+\.\d+/)
})

test('what is not understood ends with 2 and says why', async () => {
  for (const [args, why] of [
    [['nope'], 'unknown command'],
    [['send', 'lobby'], "missing required argument 'text'"],
    [['send', 'a room', 'hi'], 'A room is named'],
    [['send', 'lobby', 'hi', '--timeout', '5'], 'A duration is'],
    [['send', 'lobby', 'hi', '--url', 'nowhere'], 'A server is a URL'],
    [['tail', 'lobby', '--after', 'x'], 'A position is written'],
    [['token'], "required option '--user <id>'"],
  ] as const) {
    const wrong = parley(args)
    expect(await wrong.done, args.join(' ')).toBe(2)
    expect(wrong.err()).toContain(why)
    expect(wrong.out()).toBe('')
  }
})

test('what is sent is in the log when the command ends, at the position it prints', async () => {
  const env = { PARLEY_URL: (await serverFor()).url }
  const send = parley(['send', 'lobby', 'hello', 'there'], { env })
  expect(await send.done).toBe(0)
  expect(send.out()).toMatch(/^[\w-]+\/1\n$/)
  const piped = parley(['send', 'lobby', '-', '--json'], { env, stdin: 'two\nlines\n' })
  expect(await piped.done).toBe(0)
  expect(JSON.parse(piped.out())).toMatchObject({ room: 'lobby', seq: 2 })
})

test('the same id is there once, with one position', async () => {
  const env = { PARLEY_URL: (await serverFor()).url, XDG_CONFIG_HOME: tempFolder() }
  const first = parley(['send', 'lobby', 'done', '--id', 'backup-1'], { env })
  expect(await first.done).toBe(0)
  const again = parley(['send', 'lobby', 'done', '--id', 'backup-1'], { env })
  expect(await again.done).toBe(0)
  expect(again.out()).toBe(first.out())
  const other = parley(['send', 'lobby', 'not done', '--id', 'backup-1'], { env })
  expect(await other.done).toBe(3)
  expect(other.err()).toContain('id.conflict')
})

test('with --wait the answer is printed, and nothing else', async () => {
  const env = { PARLEY_URL: (await serverFor()).url }
  const asked = parley(['send', 'lobby', '--wait', '@echo', 'hello'], { env })
  expect(await asked.done).toBe(0)
  expect(asked.out()).toMatch(/^[^\n]*hello[^\n]*\n$/)
  const json = parley(['send', 'lobby', '--wait', '--json', '@echo hello'], { env })
  expect(await json.done).toBe(0)
  expect(records(json.out())).toMatchObject([{ room: 'lobby' }, { by: { id: 'echo' }, outcome: 'completed' }])
})

test('where nobody answers, --wait says so', async () => {
  const silent = parley(['send', 'lobby', '--wait', 'anybody?'], { env: { PARLEY_URL: (await serverFor()).url } })
  expect(await silent.done).toBe(1)
  expect(silent.err()).toContain('Nobody answers')
})

test('an agent that asks whether it may use a tool is told of, and the answer comes when somebody has decided', async () => {
  const { url } = await serverFor({ secret, agent: worker().agent })
  const token = await issueToken({ secret, user: 'ada', expiresInMs: 60_000 })
  const env = { PARLEY_URL: url, PARLEY_TOKEN: token }
  const asked = parley(['send', 'lobby', '--wait', '@worker', 'erase it'], { env })
  await asked.complains('`parley chat lobby` can answer.')
  expect(asked.err()).toContain('worker asks: Erase the index: allow?')
  const other = parley(['send', 'lobby', '--wait', '--approvals', 'exit', '@worker', 'index it'], { env })
  expect(await other.done).toBe(5)
  expect(other.err()).toContain('about something said before')
  const client = connect(`${url}/api/ws`, { token })
  onTestFinished(() => client.close())
  const lobby = client.room('lobby')
  const tool = await inRoom(lobby, ({ tools }) => [...tools.values()].find(({ state }) => state === 'asking'))
  await lobby.approve(tool.call, true)
  expect(await asked.done).toBe(0)
  expect(asked.out()).toBe('Let me see.\nIt is ok.\n')
})

test('a script can say beforehand what to do when the agent asks', async () => {
  for (const [approvals, code, said] of [
    ['allow', 0, 'It is ok.'],
    ['deny', 0, 'It is denied.'],
    ['exit', 5, 'Let me see.'],
  ] as const) {
    const env = { PARLEY_URL: (await serverFor({ agent: worker().agent })).url }
    const asked = parley(['send', 'lobby', '--wait', '--approvals', approvals, '@worker', 'erase it'], { env })
    expect(await asked.done, approvals).toBe(code)
    expect(asked.out()).toContain(said)
    expect(asked.err()).toContain('worker asks: Erase the index: allow?')
    const chat = parley(['chat', '--approvals', approvals], { env, stdin: 'erase it\n' })
    expect(await chat.done, approvals).toBe(code)
  }
  const wrong = parley(['send', 'lobby', 'hi', '--approvals', 'maybe'])
  expect(await wrong.done).toBe(2)
})

test('chat in a pipe that ends for an approval does so, though its input is open', async () => {
  const { url } = await serverFor({ agent: worker().agent })
  const chat = parley(['chat', '--approvals', 'exit'], { env: { PARLEY_URL: url } })
  chat.stdin.write('erase it\n')
  expect(await chat.done).toBe(5)
})

test('tail tells what tools do as facts', async () => {
  const { agent, goOn } = worker()
  const env = { PARLEY_URL: (await serverFor({ agent })).url }
  goOn()
  expect(await parley(['send', 'lobby', '--wait', '@worker index it'], { env }).done).toBe(0)
  expect(await parley(['send', 'lobby', '--wait', '--approvals', 'allow', '@worker erase it'], { env }).done).toBe(0)
  const tail = parley(['tail', 'lobby', '--from-start'], { env })
  await tail.says('It is ok."}],"outcome"')
  await tail.says('approval.given')
  tail.interrupt()
  expect(await tail.done).toBe(0)
  expect(records(tail.out()).map(({ fact }) => fact.type)).toEqual(
    expect.arrayContaining(['tool.called', 'tool.ended', 'approval.asked', 'approval.given', 'tool.started']),
  )
  expect(records(tail.out()).find(({ fact }) => fact.type === 'tool.ended').fact).toMatchObject({
    outcome: 'ok',
    printed: 'reading one.md\nreading two.md\n',
  })
})

test('tail tells second thoughts, reactions and tasks as facts', async () => {
  const { url } = await serverFor({ secret })
  const token = await issueToken({ secret, user: 'ada', expiresInMs: 60_000 })
  const client = connect(`${url}/api/ws`, { token })
  onTestFinished(() => client.close())
  const lobby = client.room('lobby')
  await lobby.post('helo', { id: 'one' })
  await lobby.editMessage('ada/one', 'hello')
  await lobby.react('ada/one', '👍')
  const task = await lobby.createTask('wash')
  await lobby.setTask(task.id, { progress: 40 })
  await lobby.redact('ada/one')
  const tail = parley(['tail', 'lobby', '--from-start', '--token', token], { env: { PARLEY_URL: url } })
  await tail.says('message.redacted')
  tail.interrupt()
  expect(await tail.done).toBe(0)
  expect(records(tail.out()).map(({ fact }) => fact.type)).toEqual([
    'message.posted',
    'message.edited',
    'message.reacted',
    'task.set',
    'task.set',
    'message.redacted',
  ])
  expect(tail.out()).not.toContain('helo')
})

test('Ctrl-C while waiting ends with 130', async () => {
  const { url } = await serverFor({ agent: thinker })
  const asked = parley(['send', 'lobby', '--wait', '@thinker hm'], { env: { PARLEY_URL: url } })
  await asked.says('let me think')
  asked.interrupt()
  expect(await asked.done).toBe(130)
})

test('a bad token, and what a token does not grant, end with 3', async () => {
  const { url } = await serverFor({ secret })
  const token = await issueToken({
    secret,
    user: 'ada',
    rooms: [{ room: 'lobby', can: ['read'] }],
    expiresInMs: 60_000,
  })
  for (const [args, why] of [
    [['send', 'lobby', 'hi', '--token', 'nonsense'], 'auth.invalid'],
    [['send', 'lobby', 'hi', '--token', token], 'access.denied'],
    [['tail', 'other', '--token', token], 'access.denied'],
    [['send', 'lobby', 'hi'], 'takes no guests'],
  ] as const) {
    const refused = parley(args, { env: { PARLEY_URL: url } })
    expect(await refused.done, args.join(' ')).toBe(3)
    expect(refused.err()).toContain(why)
    expect(refused.err()).not.toContain(token)
  }
})

test('without a connection in time it ends with 4 and says why', async () => {
  const server = await serverFor()
  await server.close(0)
  for (const token of [[], ['--token', 'x']]) {
    const send = parley(['send', 'lobby', 'hi', '--url', server.url, '--timeout', '50ms', ...token])
    expect(await send.done).toBe(4)
    expect(send.err()).toContain('No connection to')
  }
})

test('a token is signed with the secret, or with that of a local server, and lets its user in', async () => {
  const data = tempFolder()
  const { url } = await serverFor({ log: 'sqlite', data })
  for (const [server, args, env] of [
    [await serverFor({ secret }), [], { PARLEY_SECRET: secret }],
    [{ url }, ['--data', data], {}],
    [{ url }, [], { PARLEY_DATA: data }],
  ] as const) {
    const made = parley(['token', '--user', 'ada', '--name', 'Ada', ...args], { env })
    expect(await made.done).toBe(0)
    const file = join(tempFolder(), 'token')
    writeFileSync(file, made.out())
    const sent = parley(['send', 'lobby', 'hi', '--json', '--url', server.url, '--token-file', file])
    expect(await sent.done).toBe(0)
    expect(JSON.parse(sent.out()).message).toMatch(/^ada\//)
  }
})

test('without anything to sign with, no token is made and the way out is named', async () => {
  const made = parley(['token', '--user', 'ada', '--data', tempFolder()])
  expect(await made.done).toBe(1)
  expect(made.err()).toContain('PARLEY_SECRET')
  expect(made.out()).toBe('')
})

test('tail tells each event once, over a lost connection, and ends well with Ctrl-C', async () => {
  const data = tempFolder()
  const first = await serverFor({ log: 'sqlite', data })
  const { port } = new URL(first.url)
  const env = { PARLEY_URL: first.url, XDG_CONFIG_HOME: tempFolder() }
  expect(await parley(['send', 'lobby', 'one'], { env }).done).toBe(0)
  const tail = parley(['tail', 'lobby', '--from-start'], { env })
  await tail.says('"one"')
  await first.close(0)
  await serverFor({ log: 'sqlite', data, port: Number(port) })
  expect(await parley(['send', 'lobby', 'two'], { env }).done).toBe(0)
  await tail.says('"two"')
  tail.interrupt()
  expect(await tail.done).toBe(0)
  expect(records(tail.out())).toMatchObject([
    { room: 'lobby', seq: 1, fact: { parts: [{ text: 'one' }] } },
    { room: 'lobby', seq: 2, fact: { parts: [{ text: 'two' }] } },
  ])
})

test('tail goes on after the position that send printed', async () => {
  const env = { PARLEY_URL: (await serverFor()).url }
  const one = parley(['send', 'lobby', 'one'], { env })
  await one.done
  await parley(['send', 'lobby', 'two'], { env }).done
  const tail = parley(['tail', 'lobby', '--after', one.out().trim()], { env })
  await tail.says('"two"')
  tail.interrupt()
  expect(await tail.done).toBe(0)
  expect(records(tail.out())).toHaveLength(1)
})

test('chat in a pipe says each line, prints what is said and ends when all answers are over', async () => {
  const env = { PARLEY_URL: (await serverFor()).url }
  const chat = parley(['chat'], { env, stdin: 'first question\n\nsecond question\n' })
  expect(await chat.done).toBe(0)
  const answers = chat.out().match(/^echo: .*question$/gim) ?? []
  expect(answers.map((line) => /first|second/.exec(line)?.[0])).toEqual(['first', 'second'])
  expect(chat.err()).toBe('')
})

test('lines in a pipe are messages, also with a slash', async () => {
  const env = { PARLEY_URL: (await serverFor()).url }
  const chat = parley(['chat', 'lobby'], { env, stdin: '/quit\nlast' })
  expect(await chat.done).toBe(0)
  expect(chat.out()).toMatch(/: \/quit\n.*: last\n$/)
})

test('chat in a pipe that may not write says what was refused and ends with 3', async () => {
  const { url } = await serverFor({ secret })
  const token = await issueToken({
    secret,
    user: 'ada',
    rooms: [{ room: 'lobby', can: ['read'] }],
    expiresInMs: 60_000,
  })
  const chat = parley(['chat', 'lobby', '--token', token], { env: { PARLEY_URL: url }, stdin: 'one\ntwo\n' })
  expect(await chat.done).toBe(3)
  expect(chat.err()).toMatch(/refused: one.*\nrefused: two/)
})

test('chat in a pipe ends with 130 at Ctrl-C, though its input is open', async () => {
  const chat = parley(['chat', 'lobby'], { env: { PARLEY_URL: (await serverFor()).url } })
  chat.stdin.write('hello\n')
  await chat.says('hello')
  chat.interrupt()
  expect(await chat.done).toBe(130)
})
