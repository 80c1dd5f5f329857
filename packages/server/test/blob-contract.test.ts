// Both stores of files hold to the contract of such stores.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'vitest'
import { blobContract, type MakeBlobs } from '../../testing/src/contracts/blob-store.ts'
import { fileBlobs } from '../src/adapters/file-blobs.ts'
import { memoryBlobs } from '../src/adapters/memory-blobs.ts'

const inFolder =
  (durability: 'full' | 'normal'): MakeBlobs =>
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-files-'))
    let blobs = await fileBlobs({ folder, durability })
    return {
      blobs,
      async reopen() {
        await blobs.close()
        blobs = await fileBlobs({ folder, durability })
        return blobs
      },
      async done() {
        await blobs.close()
        await rm(folder, { recursive: true })
      },
    }
  }

describe('files in memory', () => {
  const make: MakeBlobs = async () => ({ blobs: memoryBlobs({ now: Date.now }), done: async () => {} })
  for (const { name, run } of blobContract(make)) test(name, run)
})

describe('files in a folder', () => {
  for (const { name, run } of blobContract(inFolder('full'))) test(name, run)
})

describe('files in a folder, without waiting for the disk', () => {
  for (const { name, run } of blobContract(inFolder('normal'))) test(name, run)
})
