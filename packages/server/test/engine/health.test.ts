import { expect, test } from 'vitest'
import { standardLimits } from '../../src/engine/limits.ts'
import type { Actor } from '../../src/seams/access.ts'
import { gate, type Heard, lobby, type Peer, session, stage } from './stage.ts'

const operates = ({ id }: Actor): boolean => id === 'alice'
const news = (peer: Peer): Heard[] => peer.of('health')

test('[L5] those who may know hear every half minute how the server is, and nobody else hears anything', async () => {
  const { connect, clock, engine } = await stage({ vitals: { operates } })
  const alice = await connect('alice')
  const bob = await connect('bob')
  await bob.join()
  await clock.pass(29_000)
  expect(news(alice)).toEqual([])
  await clock.pass(3_000)
  expect(news(alice)).toEqual([
    {
      type: 'health',
      status: 'ok',
      metrics: {
        ...engine.counts,
        eventLoopLagMs: 0,
        appendP95Ms: expect.any(Number),
        uptimeS: expect.any(Number),
      },
    },
  ])
  await clock.pass(60_000)
  expect(news(alice)).toHaveLength(3)
  expect(news(bob)).toEqual([])
})

test('[L5] a change is told within a second or so, also to who comes while it lasts, and so is its end', async () => {
  let lagMs = 0
  const { connect, clock } = await stage({ vitals: { operates, lag: () => lagMs } })
  const alice = await connect('alice')
  await clock.pass(2_000)
  lagMs = standardLimits.busyLagMs
  await clock.pass(1_000)
  expect(news(alice)).toMatchObject([{ status: 'busy', metrics: { eventLoopLagMs: lagMs } }])
  const again = await connect('alice')
  await clock.pass(1_000)
  expect(news(again)).toMatchObject([{ status: 'busy' }])
  lagMs = 0
  await clock.pass(1_000)
  expect(news(alice).map((one) => 'status' in one && one.status)).toEqual(['busy', 'ok'])
  await clock.pass(5_000)
  expect(news(alice)).toHaveLength(2)
})

test('a log that is broken, or does not answer any more, makes the server fail until it is well again', async () => {
  for (const broken of ['rejects', 'hangs'] as const) {
    let well = true
    const { passed, open } = gate()
    const { connect, clock } = await stage({
      vitals: { operates },
      through: (log) => ({
        ...log,
        async check() {
          if (!well && broken === 'rejects') throw new Error('the disk is gone')
          if (!well) await passed
        },
      }),
    })
    const alice = await connect('alice')
    await clock.pass(6_000)
    well = false
    await clock.pass(20_000)
    expect(news(alice)).toMatchObject([{ status: 'failing' }])
    well = true
    open()
    await clock.pass(7_000)
    expect(news(alice)).toMatchObject([{ status: 'failing' }, { status: 'ok' }])
  }
})

test('who may know is asked each time, and a failure to find out is logged and told to nobody', async () => {
  let may: () => boolean | Promise<boolean> = async () => true
  const { connect, clock, journal } = await stage({ vitals: { operates: () => may() } })
  const alice = await connect('alice')
  await clock.pass(32_000)
  expect(news(alice)).toHaveLength(1)
  may = () => {
    throw new Error('nobody knows')
  }
  await clock.pass(31_000)
  may = async () => false
  await clock.pass(31_000)
  expect(news(alice)).toHaveLength(1)
  expect(journal).toMatchObject([{ level: 'error', what: expect.stringContaining('how the server is') }])
  expect((await alice.join()).answer).toBeDefined()
})

test('the numbers told are those of the moment', async () => {
  const { connect, clock } = await stage({ vitals: { operates } })
  const alice = await connect('alice')
  await connect('bob')
  await alice.join(lobby)
  await alice.join(session)
  await clock.pass(32_000)
  expect(news(alice)).toMatchObject([{ metrics: { connections: 2, rooms: 2, runs: 0 } }])
})

test('[L5] in envelopes it is a healthUpdate', async () => {
  const { connect, clock } = await stage({ vitals: { operates } })
  const alice = await connect('alice', { dialect: 'envelope' })
  await clock.pass(32_000)
  expect(alice.of('healthUpdate')).toMatchObject([
    { payload: { status: 'ok', metrics: { connections: 1, rooms: 0, runs: 0, uptimeS: expect.any(Number) } } },
  ])
})

test('[L5] in envelopes it is called healthUpdate', async () => {
  const { connect, clock } = await stage({ vitals: { operates } })
  const alice = await connect('alice', { dialect: 'envelope' })
  await clock.pass(32_000)
  expect(alice.of('healthUpdate')).toMatchObject([
    { payload: { status: 'ok', metrics: { connections: 1, uptimeS: expect.any(Number) } } },
  ])
})
