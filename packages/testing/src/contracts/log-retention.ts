// Rules about forgetting: never half a message or half a run, and never a seq twice.
import assert from 'node:assert/strict'
import { ann, closed, grew, lobby, opened, room, runEnded, runStarted, said } from './drafts.ts'
import { ALL, appendAll, count, everything, type MakeLog, rulesOf, seqs } from './log-world.ts'
import type { Rule } from './rule.ts'

export function retentionRules(make: MakeLog): readonly Rule[] {
  return rulesOf(make, {
    'what was trimmed is gone, and what follows stays as it was': async ({ log }) => {
      const drafts = count(10).map((number) => said(ann, `${number}`))
      await appendAll(log, lobby, drafts)
      assert.equal(await log.trim(lobby, 4), 4)
      assert.partialDeepStrictEqual(await log.info(lobby), { head: 10, horizon: 4 })
      const page = await log.read(lobby, undefined, ALL)
      assert.deepEqual([page.after, page.earlier, seqs(page)], [4, false, count(10, 5)])
      assert.equal(await log.trim(lobby, 2), 4)
      const again = await appendAll(log, lobby, drafts.slice(4))
      assert.ok(again.every(({ repeated }) => repeated))
    },

    'an id is kept as long as its event': async ({ log }) => {
      await appendAll(log, lobby, [said(ann, '1', 'old'), said(ann, '2')])
      await log.trim(lobby, 1)
      const [anew] = await log.append(lobby, [said(ann, '1', 'new')])
      assert.deepEqual([anew?.event.seq, anew?.repeated], [3, false])
    },

    'a room that was trimmed to its head goes on counting': async ({ log, clock }) => {
      await appendAll(log, lobby, [said(ann, '1'), said(ann, '2')])
      assert.equal(await log.trim(lobby, 100), 2)
      assert.partialDeepStrictEqual(await log.info(lobby), { head: 2, horizon: 2, at: clock.now })
      const empty = await log.read(lobby, undefined, ALL)
      assert.deepEqual([empty.after, empty.upTo, empty.events, empty.earlier], [2, 2, [], false])
      const [third] = await log.append(lobby, [said(ann, '3')])
      assert.equal(third?.event.seq, 3)
      assert.deepEqual(seqs(await log.read(lobby, { epoch: empty.epoch, seq: 2 }, ALL)), [3])
    },

    'the horizon stops before what is open': async ({ log }) => {
      await appendAll(log, lobby, [said(ann, '1'), runStarted('r'), opened('m', 'r'), grew('m', 'x'), said(ann, '2')])
      assert.equal(await log.trim(lobby, 5), 1)
      await appendAll(log, lobby, [closed('m', 'x'), said(ann, '3')])
      assert.equal(await log.trim(lobby, 7), 1)
      await log.append(lobby, [runEnded('r')])
      assert.equal(await log.trim(lobby, 7), 1)
      assert.equal(await log.trim(lobby, 8), 8)
    },

    'the horizon never falls inside a message or a run': async ({ log }) => {
      // 1 | 2 3(4)5 | 6 ( 7 [ 8 ) 9 ] | 10
      await appendAll(log, lobby, [said(ann, '1'), opened('a'), said(ann, '3'), grew('a', 'x'), closed('a', 'x')])
      await appendAll(log, lobby, [opened('b'), runStarted('c'), closed('b', 'x'), runEnded('c'), said(ann, '10')])
      const horizons: number[] = []
      for (const upTo of count(10)) horizons.push(await log.trim(lobby, upTo))
      assert.deepEqual(horizons, [1, 1, 1, 1, 5, 5, 5, 5, 9, 10])
    },

    'what is older than a date expires in every room': async ({ log, clock }) => {
      const other = room('other')
      await log.open(other)
      await log.open(room('empty'))
      await appendAll(log, lobby, [said(ann, '1'), said(ann, '2'), opened('m'), grew('m', 'x')])
      await appendAll(log, other, [said(ann, '1'), opened('n'), closed('n', 'x')])
      const date = ++clock.now
      await appendAll(log, lobby, [closed('m', 'x'), said(ann, '3')])
      await appendAll(log, other, [said(ann, '2')])
      assert.equal(await log.expire(date), 5)
      assert.deepEqual([(await log.info(lobby))?.horizon, (await log.info(other))?.horizon], [2, 3])
      assert.deepEqual(seqs(await log.read(lobby, undefined, ALL)), [3, 5, 6])
      assert.equal(await log.expire(date), 0)
      assert.equal(await log.expire(clock.now + 1), 4)
      assert.deepEqual(await everything(log, other), [])
    },

    'a clock that was set back does not make newer events expire': async ({ log, clock }) => {
      const date = clock.now
      await log.append(lobby, [said(ann, '1')])
      clock.now = date - 1_000
      await log.append(lobby, [said(ann, '2')])
      assert.equal(await log.expire(date), 0)
      assert.equal((await everything(log, lobby)).length, 2)
    },

    'much expires at once, whichever room it is in': async ({ log, clock }) => {
      const rooms = count(4).map((number) => room(`room-${number}`))
      for (const where of rooms) {
        await log.open(where)
        const drafts = count(1_500).map((number) => said(ann, `${number}`))
        await log.append(where, drafts)
      }
      clock.now += 1
      await log.append(lobby, [said(ann, '1')])
      assert.equal(await log.expire(clock.now), 6_000)
      for (const where of rooms) assert.equal((await log.info(where))?.horizon, 1_500)
      assert.equal((await log.info(lobby))?.horizon, 0)
    },

    'much can be forgotten at once while others write': async ({ log }) => {
      const drafts = count(6_000).map((number) => said(ann, `${number}`))
      await log.append(lobby, [...drafts.slice(0, 1_000), runStarted('long'), ...drafts.slice(1_000, 4_500)])
      await log.append(lobby, [runEnded('long'), ...drafts.slice(4_500)])
      const [horizon, [appended]] = await Promise.all([log.trim(lobby, 5_000), log.append(lobby, [said(ann, 'more')])])
      assert.deepEqual([horizon, appended?.event.seq], [5_000, 6_003])
      assert.equal((await everything(log, lobby)).length, 1_003)
    },
  })
}
