// A node's way to the files that all nodes share: each step takes time, and ends with the node, between any two steps.
import type { BlobStore, Clock, PartialBlob } from '@parley/server'
import type { Seeded } from './chance.ts'
import type { Disk } from './faulty-log.ts'

export interface FaultyBlobsOptions {
  readonly blobs: BlobStore
  /** The node's own clock: when it stops, no step happens any more, and no promise settles. */
  readonly clock: Clock
  readonly chance: Seeded
  /** Asked at each call. */
  readonly disk: () => Disk
}

/** Reads are as they are; whatever changes something takes as long as a write to the log, and may fail before it happens. */
export function faultyBlobs({ blobs, clock, chance, disk }: FaultyBlobsOptions): BlobStore {
  const step = ([least, most]: readonly [number, number]): Promise<void> =>
    new Promise((resolve) => clock.after(least + chance.float() * (most - least), resolve))

  async function call<Answer>(act: () => Promise<Answer>): Promise<Answer> {
    const { writeMs, answerMs, refused } = disk()
    await step(writeMs)
    if (chance.odds(refused)) throw new Error('the disk does not answer')
    const answer = await act()
    await step(answerMs)
    return answer
  }

  function partialOf(partial: PartialBlob): PartialBlob {
    return {
      get size() {
        return partial.size
      },
      write: (pieces) => call(() => partial.write(pieces)),
      read: () => partial.read(),
      keep: (sha256) => call(() => partial.keep(sha256)),
      close: () => partial.close(),
    }
  }

  return {
    ...blobs,
    partial: (name) => call(async () => partialOf(await blobs.partial(name))),
    discard: (name) => call(() => blobs.discard(name)),
    remove: (sha256, before) => call(() => blobs.remove(sha256, before)),
    putBeside: (sha256, name, bytes) => call(() => blobs.putBeside(sha256, name, bytes)),
    close: () => Promise.resolve(),
  }
}
