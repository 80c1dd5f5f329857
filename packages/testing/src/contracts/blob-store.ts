// The contract of a store of files: what every adapter must hold to, as rules that any test runner can run.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { BlobStore } from '@parley/server'
import type { Rule } from './rule.ts'

export interface BlobsUnderTest {
  readonly blobs: BlobStore
  /** Closes the store and opens what it left behind. Absent where nothing outlives a close. */
  reopen?(): Promise<BlobStore>
  done(): Promise<void>
}

/** Makes an empty store. */
export type MakeBlobs = () => Promise<BlobsUnderTest>

type Story = (world: BlobsUnderTest) => Promise<void>

const FUTURE = Number.MAX_SAFE_INTEGER

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

async function textOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = []
  for await (const piece of pieces) all.push(piece)
  return Buffer.concat(all).toString('utf8')
}

async function keep(blobs: BlobStore, text: string): Promise<string> {
  const partial = await blobs.partial(`for-${sha256(text)}`)
  await partial.write([bytes(text)])
  await partial.keep(sha256(text))
  await partial.close()
  return sha256(text)
}

async function contentsOf(blobs: BlobStore): Promise<readonly string[]> {
  const found: string[] = []
  for await (const { sha256 } of blobs.contents()) found.push(sha256)
  return found.toSorted()
}

const stories: Readonly<Record<string, Story>> = {
  'a partial grows by what is written, and can be read from its beginning': async ({ blobs }) => {
    const partial = await blobs.partial('a')
    assert.equal(partial.size, 0)
    await partial.write([bytes('one '), bytes('two ')])
    await partial.write([bytes('three')])
    assert.equal(partial.size, 13)
    assert.equal(await textOf(partial.read()), 'one two three')
    await partial.close()
  },

  'a partial that was let go of is gone on with': async ({ blobs }) => {
    const first = await blobs.partial('a')
    await first.write([bytes('one ')])
    await first.close()
    const second = await blobs.partial('a')
    assert.equal(second.size, 4)
    await second.write([bytes('two')])
    assert.equal(await textOf(second.read()), 'one two')
    await second.close()
  },

  'whoever opens a partial last writes': async ({ blobs }) => {
    const first = await blobs.partial('a')
    const second = await blobs.partial('a')
    await assert.rejects(first.write([bytes('x')]))
    await second.write([bytes('y')])
    assert.equal(await textOf(second.read()), 'y')
    await second.close()
  },

  'partials are listed with their sizes, and can be discarded': async ({ blobs }) => {
    for (const name of ['a', 'b']) {
      const partial = await blobs.partial(name)
      await partial.write([bytes(name.repeat(3))])
      await partial.close()
    }
    await blobs.discard('a')
    await blobs.discard('nothing')
    const listed = await blobs.partials()
    assert.deepEqual(
      listed.map(({ name, size }) => [name, size]),
      [['b', 3]],
    )
    assert.ok(listed.every(({ at }) => at > 0))
  },

  'what is kept is read whole and in part, and is no partial any more': async ({ blobs }) => {
    const name = await keep(blobs, 'one two three')
    assert.equal(await textOf(blobs.read(name, 0, 13)), 'one two three')
    assert.equal(await textOf(blobs.read(name, 4, 7)), 'two')
    assert.equal(await textOf(blobs.read(name, 13, 13)), '')
    assert.deepEqual(await blobs.partials(), [])
    assert.deepEqual(await contentsOf(blobs), [name])
  },

  'nothing at all can be kept': async ({ blobs }) => {
    const partial = await blobs.partial('a')
    await partial.keep(sha256(''))
    await partial.close()
    assert.deepEqual(await contentsOf(blobs), [sha256('')])
    assert.equal(await textOf(blobs.read(sha256(''), 0, 0)), '')
  },

  'the same content is kept once': async ({ blobs }) => {
    for (const name of ['a', 'b']) {
      const partial = await blobs.partial(name)
      await partial.write([bytes('same')])
      await partial.keep(sha256('same'))
      await partial.close()
    }
    assert.deepEqual(await contentsOf(blobs), [sha256('same')])
    assert.equal(await textOf(blobs.read(sha256('same'), 0, 4)), 'same')
  },

  'what is not there cannot be read': async ({ blobs }) => {
    await assert.rejects(textOf(blobs.read(sha256('nothing'), 0, 1)))
  },

  'a large content is read in many pieces and stays what it is': async ({ blobs }) => {
    const text = 'x'.repeat(300_000) + 'y'.repeat(300_000)
    const name = await keep(blobs, text)
    assert.equal(await textOf(blobs.read(name, 0, text.length)), text)
    assert.equal(await textOf(blobs.read(name, 299_999, 300_001)), 'xy')
  },

  'a content is removed with what was made of it, unless it was kept lately': async ({ blobs }) => {
    const name = await keep(blobs, 'one')
    await blobs.putBeside(name, 'small', bytes('o'))
    assert.equal(await blobs.remove(name, 0), false)
    assert.deepEqual(await contentsOf(blobs), [name])
    assert.equal(await blobs.remove(name, FUTURE), true)
    assert.deepEqual(await contentsOf(blobs), [])
    assert.equal(await blobs.beside(name, 'small'), undefined)
    assert.equal(await blobs.remove(name, FUTURE), true)
  },

  'something small is kept beside a content': async ({ blobs }) => {
    const name = await keep(blobs, 'one')
    assert.equal(await blobs.beside(name, 'small'), undefined)
    await blobs.putBeside(name, 'small', bytes('o'))
    await blobs.putBeside(name, 'empty', new Uint8Array())
    assert.deepEqual([...((await blobs.beside(name, 'small')) ?? [])], [...bytes('o')])
    assert.equal((await blobs.beside(name, 'empty'))?.length, 0)
  },

  'what it holds outlives a close': async ({ blobs, reopen }) => {
    const name = await keep(blobs, 'one')
    const partial = await blobs.partial('a')
    await partial.write([bytes('half')])
    const again = await reopen?.()
    if (again === undefined) return
    assert.equal(await textOf(again.read(name, 0, 3)), 'one')
    const resumed = await again.partial('a')
    assert.equal(await textOf(resumed.read()), 'half')
    await resumed.close()
  },
}

/** The rules of a store. `make` is called for each rule; every store that it makes is empty and its own. */
export function blobContract(make: MakeBlobs): readonly Rule[] {
  return Object.entries(stories).map(([name, story]) => ({
    name,
    async run() {
      const world = await make()
      try {
        await story(world)
      } finally {
        await world.done()
      }
    },
  }))
}
