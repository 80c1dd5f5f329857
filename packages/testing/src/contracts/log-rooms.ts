// Rules about rooms and their owners, leases, and the life of a log.
import assert from 'node:assert/strict'
import { ann, grew, lobby, opened, room, said } from './drafts.ts'
import { ALL, appendAll, count, everything, type MakeLog, rulesOf } from './log-world.ts'
import { type Rule, refused } from './rule.ts'

export function roomRules(make: MakeLog): readonly Rule[] {
  return [
    {
      name: 'a new log calls its rooms by a new epoch',
      async run() {
        const [one, other] = await Promise.all([make(() => 0), make(() => 0)])
        try {
          const [here, there] = await Promise.all([one.log.open(lobby), other.log.open(lobby)])
          assert.notEqual(here.epoch, there.epoch)
        } finally {
          await Promise.all([one.done(), other.done()])
        }
      },
    },
    ...rulesOf(make, {
      'rooms are listed by owner, the latest event first': async ({ log, clock }) => {
        for (const [name, owner] of [
          ['a', 'ann'],
          ['b', 'ann'],
          ['c', 'bob'],
          ['d', undefined],
          ['e', 'ann'],
        ] as const) {
          clock.now += 1
          await log.open(room(name), owner)
          await log.append(room(name), [said(ann, '1')])
        }
        clock.now += 1
        await log.append(room('a'), [said(ann, '2')])
        await log.open(room('f'), 'ann')
        const names = async (owner: string | undefined, limit = 10) =>
          (await log.rooms(owner, limit)).map((info) => info.room)
        assert.deepEqual(await names('ann'), ['a', 'e', 'b', 'f'])
        assert.deepEqual(await names('ann', 2), ['a', 'e'])
        assert.deepEqual(await names(undefined), ['d', 'lobby'])
        assert.deepEqual(await names('nobody'), [])
        assert.deepEqual((await log.rooms('bob', 1))[0], await log.info(room('c')))
      },

      'a lease has one holder until it ends': async ({ log, clock }) => {
        assert.equal(await log.lease('node/1', 'one', 1_000), true)
        assert.equal(await log.lease('node/1', 'two', 1_000), false)
        assert.equal(await log.lease('node/2', 'two', 1_000), true)
        clock.now += 900
        assert.equal(await log.lease('node/1', 'one', 1_000), true)
        clock.now += 900
        assert.equal(await log.lease('node/1', 'two', 1_000), false)
        clock.now += 100
        assert.equal(await log.lease('node/1', 'two', 1_000), true)
        assert.equal(await log.lease('node/1', 'one', 1_000), false)
      },

      'a log that works says so': async ({ log }) => {
        await log.check()
      },

      'closing finishes what was accepted, and then nothing is': async ({ log }) => {
        const accepted = count(20).map((number) => log.append(lobby, [said(ann, `${number}`)]))
        await log.close()
        assert.equal((await Promise.all(accepted)).length, 20)
        await refused(log.append(lobby, [said(ann, 'late')]), 'storage.unavailable')
        await refused(log.open(room('late')), 'storage.unavailable')
        await refused(log.read(lobby, undefined, ALL), 'storage.unavailable')
        await refused(log.lease('late', 'one', 1), 'storage.unavailable')
        await refused(log.check(), 'storage.unavailable')
        await log.close()
      },

      'what is kept outlives a close': async ({ log, reopen, clock }) => {
        if (reopen === undefined) return
        const own = room('own')
        await log.open(own, 'ann')
        await appendAll(log, lobby, [said(ann, '1'), said(ann, '2'), opened('m'), grew('m', 'x')])
        await log.append(own, [said(ann, '1')])
        await log.trim(lobby, 1)
        assert.equal(await log.lease('node', 'one', 60_000), true)
        const before = [await log.info(lobby), await log.info(own), await everything(log, lobby)]
        clock.now += 1
        const again = await reopen()
        assert.deepEqual([await again.info(lobby), await again.info(own), await everything(again, lobby)], before)
        assert.deepEqual(await again.spans(''), [{ room: lobby, key: 'message/m', first: 3 }])
        const [repeat, next] = await again.append(lobby, [said(ann, '2'), grew('m', 'y', 1)])
        assert.deepEqual([repeat?.repeated, repeat?.event.seq, next?.event.seq], [true, 2, 5])
        await again.append(lobby, [said(ann, '3')])
        assert.equal((await again.read(lobby, undefined, { events: 0, bytes: 1 })).after, 2)
        assert.equal(await again.trim(lobby, 4), 2)
        assert.equal(await again.lease('node', 'two', 60_000), true)
      },
    }),
  ]
}
