// Files under bad weather: what arrives is what was sent, whatever is cut, killed and gone on with.
import assert from 'node:assert/strict'
import type { AttachedPart, Attachment } from '@parley/protocol'
import { describe, test } from 'vitest'
import { seeded } from '../src/chance.ts'
import type { Device } from '../src/device.ts'
import { type Scene, world } from '../src/scene.ts'

/** Bytes that are nobody else's, and text to whoever looks at them. */
function bytesOf(seed: number | string, size: number): Uint8Array {
  const chance = seeded(seed)
  return Uint8Array.from({ length: size }, () => 32 + chance.int(0, 90))
}

async function contentOf({ world: here }: Scene, { sha256, size }: Attachment): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of here.blobs.read(sha256, 0, size)) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** What a device does until it is done. */
function underWay(
  device: Device,
  bytes: Uint8Array,
  options: Parameters<ReturnType<Device['room']>['upload']>[1] = {},
) {
  let [sent, done] = [0, false]
  const part = device.room().upload(bytes, { ...options, onProgress: (progress) => (sent = progress.sent) })
  part.then(
    () => (done = true),
    () => (done = true),
  )
  return {
    part,
    get sent() {
      return sent
    },
    get done() {
      return done
    },
  }
}

describe('an upload', () => {
  test('[B1, B4] arrives byte by byte, and is told to nobody before it is posted', async () => {
    const scene = await world()
    const { alice, bob, until, calm } = scene
    const bytes = bytesOf(1, 400_000)
    const upload = underWay(alice, bytes, { name: 'a.txt' })
    await until(() => upload.done)
    const part = await upload.part
    assert.deepEqual(await contentOf(scene, part.attachment), Buffer.from(bytes))
    assert.equal(bob.messages.length, 0)
    await alice.post([part])
    await calm()
    assert.deepEqual(bob.messages[0]?.parts, [part])
  })

  test('[B3] goes on from what is confirmed when its line is cut', async () => {
    const scene = await world()
    const { alice, weather, until, pass } = scene
    weather.slow(alice, 40)
    const bytes = bytesOf(2, 600_000)
    const upload = underWay(alice, bytes)
    await until(() => upload.sent > 200_000)
    weather.cut(alice)
    await pass(20_000)
    const before = upload.sent
    assert(before > 200_000 && before < 600_000)
    weather.mend(alice)
    await until(() => upload.sent > before)
    await until(() => upload.done)
    assert.deepEqual(await contentOf(scene, (await upload.part).attachment), Buffer.from(bytes))
  })

  test('[B3] goes on when its server was killed in the middle, on the next one', async () => {
    const scene = await world()
    const { world: here, alice, weather, until } = scene
    weather.slow(alice, 40)
    const bytes = bytesOf(3, 600_000)
    const upload = underWay(alice, bytes)
    await until(() => upload.sent > 300_000)
    here.nodes[0]?.crash()
    here.addNode()
    await until(() => upload.done)
    assert.deepEqual(await contentOf(scene, (await upload.part).attachment), Buffer.from(bytes))
  })

  test('[B3] is taken up by another tab, which sends only what is missing', async () => {
    const scene = await world()
    const { world: here, alice, weather, until } = scene
    weather.slow(alice, 40)
    const bytes = bytesOf(4, 600_000)
    const upload = underWay(alice, bytes, { id: 'the-file' })
    await until(() => upload.sent > 300_000)
    const tab = here.addDevice('alice', 'tab')
    await until(() => tab.picture().joined)
    const again = underWay(tab, bytes, { id: 'the-file' })
    await until(() => again.sent > 0)
    assert(again.sent >= 300_000)
    await until(() => again.done)
    assert.deepEqual(await contentOf(scene, (await again.part).attachment), Buffer.from(bytes))
    await assert.rejects(upload.part, (cause: { problem?: { code: string } }) => cause.problem?.code === 'upload.moved')
  })

  test('[B11] on a slow line leaves room for what is said', async () => {
    const { alice, bob, weather, until, pass } = await world()
    // A megabit a second.
    weather.slow(alice, 125)
    const upload = underWay(alice, bytesOf(5, 3_000_000))
    await until(() => upload.sent > 500_000)
    for (const word of ['one', 'two', 'three']) {
      void alice.room().post(word)
      await pass(400)
      assert.equal(bob.texts.at(-1), word)
    }
    assert(!upload.done)
  })

  test('a content that changes meanwhile is refused in the end, and nothing of it is kept', async () => {
    const { world: here, alice, weather, until } = await world()
    weather.slow(alice, 40)
    let size = 300_000
    const changing = {
      async *[Symbol.asyncIterator]() {
        while (size > 0) {
          size -= 1_000
          yield bytesOf(size, 1_000)
        }
      },
    }
    const stream = underWay(alice, bytesOf(6, 10))
    await until(() => stream.done)
    const upload = underWay(alice, changing as unknown as Uint8Array)
    await until(() => upload.done)
    assert.equal((await upload.part).attachment.size, 300_000)
    assert.deepEqual(await here.blobs.partials(), [])
  })

  test('that is given up leaves nothing behind', async () => {
    const { world: here, alice, weather, until, pass } = await world()
    weather.slow(alice, 40)
    const giveUp = new AbortController()
    const upload = underWay(alice, bytesOf(7, 300_000), { signal: giveUp.signal })
    await until(() => upload.sent > 50_000)
    giveUp.abort('enough')
    await assert.rejects(upload.part, (reason) => reason === 'enough')
    await pass(10_000)
    assert.deepEqual(await here.blobs.partials(), [])
  })

  test('waits while the disk fails, and goes on', async () => {
    const scene = await world()
    const { world: here, alice, weather, until, pass } = scene
    const [node] = here.nodes
    assert(node)
    weather.slow(alice, 40)
    const bytes = bytesOf(8, 300_000)
    const upload = underWay(alice, bytes)
    await until(() => upload.sent > 50_000)
    weather.disk(node, { refused: 1 })
    await pass(4_000)
    weather.disk(node, { refused: 0 })
    await until(() => upload.done)
    assert.deepEqual(await contentOf(scene, (await upload.part).attachment), Buffer.from(bytes))
  })

  test('that is refused says why, and what was written stays', async () => {
    const { alice, until } = await world({ limits: { attachmentBytes: 1_000 } })
    const upload = underWay(alice, bytesOf(9, 2_000))
    await until(() => upload.done)
    await assert.rejects(
      upload.part,
      (cause: { problem?: { code: string } }) => cause.problem?.code === 'attachment.large',
    )
  })

  test('of more than a few at once waits for its turn, and all arrive', async () => {
    const scene = await world()
    const { alice, until } = scene
    const files = Array.from({ length: 12 }, (_, index) => bytesOf(`f${index}`, 5_000 + index))
    const uploads = files.map((bytes) => underWay(alice, bytes))
    await until(() => uploads.every(({ done }) => done))
    for (const [index, { part }] of uploads.entries())
      assert.deepEqual(await contentOf(scene, (await part).attachment), Buffer.from(files[index] ?? []))
  })
})

/** One seed: two people send files through whatever happens, post them, and everybody has them in the end. */
async function story(seed: number): Promise<void> {
  const chance = seeded(seed)
  const scene = await world({ seed, nodes: 1 + chance.int(0, 1) })
  const { world: here, alice, bob, weather, calm, pass, until } = scene
  const wanted = new Map<string, Buffer>()
  const going: Promise<unknown>[] = []
  for (const [index, device] of [alice, bob, alice].entries()) {
    const bytes = bytesOf(`${seed}/${index}`, chance.int(1, 150_000))
    const id = `file-${index}`
    wanted.set(id, Buffer.from(bytes))
    if (chance.odds(0.7)) weather.slow(device, chance.int(10, 200))
    const posted = device
      .room()
      .upload(bytes, { id, name: id })
      .then((part: AttachedPart) => device.room().post([{ type: 'text', text: id }, part], { id: `m-${index}` }))
    going.push(posted)
  }
  let done = false
  Promise.all(going).then(
    () => (done = true),
    () => (done = true),
  )
  for (let step = 0; step < 12 && !done; step += 1) {
    await pass(chance.int(10, 1_500))
    const victim = chance.pick([alice, bob])
    const [first] = here.living
    const deeds = [
      () => weather.drop(victim),
      () => weather.cut(victim),
      () => weather.mend(victim),
      () => weather.freeze(victim),
      () => {
        first?.crash(chance.odds(0.3))
        here.addNode()
      },
      () => first && weather.disk(first, { refused: chance.float() * 0.3, writeMs: [0, chance.int(1, 60)] }),
      () => first?.stall(chance.int(100, 3_000)),
    ]
    chance.pick(deeds)()
  }
  await calm()
  await until(() => done, `the files of seed ${seed}`)
  await Promise.all(going)
  // Who was refused for a moment asks again.
  await until(() => [alice, bob].every((reader) => reader.picture().joined), 'the room')
  await calm()
  for (const reader of [alice, bob]) {
    const shown = reader.messages.flatMap(({ parts }) => parts.flatMap((part) => (part.type === 'file' ? part : [])))
    assert.deepEqual(shown.map(({ attachment }) => attachment.name).toSorted(), [...wanted.keys()])
    for (const { attachment } of shown)
      assert(wanted.get(attachment.name)?.equals(await contentOf(scene, attachment)), `${attachment.name} is another`)
  }
  assert.deepEqual(await here.blobs.partials(), [])
}

const SEEDS = Number(process.env.PARLEY_SEEDS ?? 150)
test(`[B3, B4] files arrive whole and once, through any weather: ${SEEDS} seeds`, { timeout: 120_000 }, async () => {
  const first = Number(process.env.PARLEY_SEED ?? 1)
  for (let seed = first; seed < first + SEEDS; seed += 1)
    await story(seed).catch((cause: unknown) => {
      throw new Error(`seed ${seed}: PARLEY_SEED=${seed} npx vitest run packages/testing/test/files.test.ts`, { cause })
    })
})
