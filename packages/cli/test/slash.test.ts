import { expect, test } from 'vitest'
import { decisionOf, HELP, understand } from '../src/chat/slash.ts'

test('a line is what is said, without what hangs over at its end', () => {
  expect(understand('  hello / there  ')).toEqual({ does: 'say', text: '  hello / there' })
  expect(understand('   ')).toEqual({ does: 'nothing' })
})

test('a slash begins a command, two say it', () => {
  expect(understand('/older')).toEqual({ does: 'older' })
  expect(understand('//older')).toEqual({ does: 'say', text: '/older' })
})

test('/join takes a room, or begins a new conversation', () => {
  expect(understand('/join lobby')).toEqual({ does: 'join', room: 'lobby' })
  expect(understand('/join')).toEqual({ does: 'join', room: undefined })
})

test('what follows /deny, /edit and /steer is taken as it is', () => {
  expect(understand('/deny not before Monday')).toEqual({ does: 'deny', reason: 'not before Monday' })
  expect(understand('/deny')).toEqual({ does: 'deny' })
  expect(understand('/edit one  line\nand another')).toEqual({ does: 'edit', text: 'one  line\nand another' })
  expect(understand('/steer shorter')).toEqual({ does: 'steer', text: 'shorter' })
})

test('a tool is allowed by its call, or without one', () => {
  expect(understand('/approve')).toEqual({ does: 'approve' })
  expect(understand('/approve c-1')).toEqual({ does: 'approve', call: 'c-1' })
})

test('/stop and /cancel stop the answer, /stop tool the tools alone', () => {
  for (const line of ['/stop', '/cancel']) expect(understand(line)).toEqual({ does: 'stop' })
  for (const line of ['/stop tool', '/stop tools']) expect(understand(line)).toEqual({ does: 'stop tools' })
})

test('tasks are made, given to people and brought forward', () => {
  expect(understand('/task wash the car')).toEqual({ does: 'task', title: 'wash the car' })
  expect(understand('/tasks')).toEqual({ does: 'tasks' })
  expect(understand('/tasks @ann')).toEqual({ does: 'tasks', filter: '@ann' })
  expect(understand('/assign 3f2a ann')).toEqual({ does: 'assign', task: '3f2a', user: 'ann' })
  expect(understand('/assign 3f2a -')).toEqual({ does: 'assign', task: '3f2a', user: undefined })
  expect(understand('/progress 3f2a 50')).toEqual({ does: 'progress', task: '3f2a', progress: 50 })
  expect(understand('/progress 3f2a 100% done')).toEqual({
    does: 'progress',
    task: '3f2a',
    progress: 100,
    status: 'done',
  })
})

test('files are sent by their paths, with a caption; further paths are in quotes', () => {
  const attach = (paths: readonly string[], caption = '') => ({ does: 'attach', paths, caption })
  expect(understand('/attach photo.jpg')).toEqual(attach(['photo.jpg']))
  expect(understand('/attach ~/a.jpg look at  this "thing"')).toEqual(attach(['~/a.jpg'], 'look at  this "thing"'))
  expect(understand('/attach a\\ b.jpg "c d.jpg" \'e.jpg\' so')).toEqual(attach(['a b.jpg', 'c d.jpg', 'e.jpg'], 'so'))
  expect(understand('/attach a.jpg "unfinished')).toEqual(attach(['a.jpg'], '"unfinished'))
})

test('a file is saved by its number or id', () => {
  expect(understand('/save 1 photo.jpg')).toEqual({ does: 'save', file: '1', path: 'photo.jpg' })
  expect(understand('/save f-7 "my photos/one.jpg"')).toEqual({ does: 'save', file: 'f-7', path: 'my photos/one.jpg' })
})

test('words are looked for as they are', () => {
  expect(understand('/search two words')).toEqual({ does: 'search', text: 'two words' })
})

test('every command of the help is understood', () => {
  const names = HELP.flatMap((line) => /^\/(\w+)/.exec(line)?.[1] ?? [])
  expect(names).toContain('approve')
  const given: Record<string, string> = {
    edit: 'x',
    steer: 'x',
    search: 'x',
    task: 'x',
    assign: 't ann',
    progress: 't 5',
    attach: 'a.jpg',
    save: '1 a.jpg',
  }
  for (const name of names)
    expect(understand(`/${name} ${given[name] ?? ''}`), name).not.toMatchObject({ does: 'complain' })
})

test('a plain yes or no decides, and nothing that says more', () => {
  expect(['y', ' YES ', 'n', 'No'].map(decisionOf)).toEqual([true, true, false, false])
  expect(['', 'yes please', 'nope', '/approve'].map(decisionOf)).toEqual([undefined, undefined, undefined, undefined])
})

test('what is not understood is told', () => {
  for (const line of [
    '/nope',
    '/',
    '/quit now',
    '/approve a b',
    '/stop it',
    '/edit',
    '/steer ',
    '/join a b',
    '/join bäd',
    '/constructor',
    '/search',
    '/attach',
    '/attach "a.jpg',
    '/save 1',
    '/save 1 two words',
    '/who is here',
    '/task ',
    '/assign t',
    '/assign t ann bob',
    '/progress t',
    '/progress t much',
    '/progress t 101',
    '/progress t -1',
  ])
    expect(understand(line).does, line).toBe('complain')
})
