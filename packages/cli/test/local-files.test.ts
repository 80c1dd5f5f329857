import { renameSync, utimesSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { homely, openLocal } from '../src/local-files.ts'
import { fileOf } from './files.ts'

test('a home folder is meant by ~, and only by that', () => {
  expect([homely('~'), homely('~/a b')]).toEqual([homedir(), join(homedir(), 'a b')])
  expect(['~ada/x', 'a/~/b', '/x', './~'].map(homely)).toEqual(['~ada/x', 'a/~/b', '/x', './~'])
})

test('a file of this machine is read when it is sent', async () => {
  const path = fileOf('a.txt', 'hello')
  const one = await openLocal(path)
  expect([one.name, one.size, one.from instanceof Blob && (await one.from.text())]).toEqual(['a.txt', 5, 'hello'])
  writeFileSync(path, 'hello, and more')
  const { from } = one
  await expect(from instanceof Blob && from.text()).rejects.toThrow('could not be read')
  expect((await openLocal(path, 'dir/b\u001b.txt')).name).toBe('b.txt')
})

test('it is known again as long as it is the same, and taken for no other', async () => {
  const [path, twin] = [fileOf('VERSION', '1.2.3'), fileOf('VERSION', '1.2.4')]
  const date = new Date(1_800_000_000_000)
  for (const one of [path, twin]) utimesSync(one, date, date)
  const { id } = await openLocal(path)
  expect(id).toMatch(/^[0-9a-f]{32}$/)
  expect((await openLocal(join(dirname(path), '.', 'VERSION'))).id).toBe(id)
  expect((await openLocal(twin)).id).not.toBe(id)
  expect((await openLocal(path, 'other')).id).not.toBe(id)
  renameSync(twin, path)
  expect((await openLocal(path)).id).not.toBe(id)
})
