import type { Attachment } from '@parley/protocol'
import { expect, test } from 'vitest'
import { world } from './world.ts'

const file: Attachment = { id: 'f', name: 'x', mediaType: 'text/plain', size: 3, sha256: '0'.repeat(64) }

test('a download that is given up between two tries ends at once, and asks no more', async () => {
  let asked = 0
  const fetch = (): Promise<Response> => {
    asked += 1
    return Promise.reject(new TypeError('fetch failed'))
  }
  const { client, time } = world({ fetch })
  const stop = new AbortController()
  const reading = client.download(file, { signal: stop.signal }).getReader().read()
  reading.catch(() => {})
  await time.pass(0)
  const { timers } = time
  stop.abort(new Error('given up'))
  await time.pass(0)
  await expect(reading).rejects.toThrow('given up')
  expect([asked, time.timers]).toEqual([1, timers - 1])
})
