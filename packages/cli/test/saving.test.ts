import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { counted, saveAs } from '../src/saving.ts'
import { tempFolder } from './world.ts'

const never = new AbortController().signal

async function* bytesOf(...texts: readonly string[]) {
  for (const text of texts) yield Buffer.from(text)
}

test('a name that somebody else chose hides nothing and leads nowhere', async () => {
  const folder = tempFolder()
  for (const [name, place] of [
    ['.bashrc', 'bashrc'],
    ['../../.ssh/authorized_keys', 'authorized_keys'],
    ['..', 'file'],
    ['...', 'file-2'],
    ['a\u202eb', 'ab'],
  ] as const) {
    const into = join(folder, place)
    mkdirSync(into)
    const wanted = place === 'file-2' ? 'file' : place
    expect(await saveAs(bytesOf('x'), { name }, into, { signal: never })).toBe(join(into, wanted))
  }
})

test('what ends before its time leaves nothing behind, and what is not whole is not there', async () => {
  const folder = tempFolder()
  const path = join(folder, 'a')
  const seen: string[][] = []
  async function* broken() {
    yield Buffer.from('one')
    seen.push(readdirSync(folder))
    throw new Error('the wire broke')
  }
  await expect(saveAs(broken(), { name: 'a' }, path, { signal: never })).rejects.toThrow('the wire broke')
  const stop = new AbortController()
  async function* endless() {
    yield Buffer.from('one')
    stop.abort(new Error('enough'))
    await new Promise((resolve) => setImmediate(resolve))
    yield Buffer.from('two')
  }
  await expect(saveAs(endless(), { name: 'a' }, path, { signal: stop.signal })).rejects.toThrow('enough')
  expect(seen).toEqual([['a.part']])
  expect(readdirSync(folder)).toEqual([])
})

test('what somebody else is writing is left alone', async () => {
  const folder = tempFolder()
  const path = join(folder, 'a')
  writeFileSync(`${path}.part`, 'theirs')
  await expect(saveAs(bytesOf('x'), { name: 'a' }, path, { signal: never })).rejects.toThrow('is being saved')
  expect(readFileSync(`${path}.part`, 'utf8')).toBe('theirs')
  // Nor does a link in its place lead anywhere.
  const victim = join(tempFolder(), 'victim')
  writeFileSync(victim, 'safe')
  symlinkSync(victim, join(folder, 'b.part'))
  await expect(saveAs(bytesOf('x'), { name: 'b' }, join(folder, 'b'), { signal: never })).rejects.toThrow()
  expect(await saveAs(bytesOf('x'), { name: 'b' }, join(folder, 'b'), { signal: never, force: true })).toBe(
    join(folder, 'b'),
  )
  expect(readFileSync(victim, 'utf8')).toBe('safe')
  await expect(saveAs(bytesOf('x'), { name: 'n' }, '/dev/null', { signal: never, force: true })).rejects.toThrow(
    'exists',
  )
})

test('bytes are counted as they go', async () => {
  const counts: number[] = []
  const all: Buffer[] = []
  for await (const bytes of counted(bytesOf('one', 'four'), (so) => counts.push(so))) all.push(Buffer.from(bytes))
  expect([counts, Buffer.concat(all).toString()]).toEqual([[3, 7], 'onefour'])
})
