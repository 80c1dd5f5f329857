import { writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { homely, openLocal } from '../src/local-files.ts'
import { fileOf } from './files.ts'

test('a home folder is meant by ~, and only by that', () => {
  expect([homely('~'), homely('~/a b')]).toEqual([homedir(), join(homedir(), 'a b')])
  expect(['~ada/x', 'a/~/b', '/x', './~'].map(homely)).toEqual(['~ada/x', 'a/~/b', '/x', './~'])
})

test('a file of this machine is read when it is sent, and known again by its date', async () => {
  const path = fileOf('a.txt', 'hello')
  const one = await openLocal(path)
  expect([one.name, one.size, one.from instanceof File && (await one.from.text())]).toEqual(['a.txt', 5, 'hello'])
  writeFileSync(path, 'hello, and more')
  const { from } = one
  await expect(from instanceof File && from.text()).rejects.toThrow('could not be read')
  expect((await openLocal(path, 'dir/b\u001b.txt')).name).toBe('b.txt')
})
