// Rules about who has read how far.
import assert from 'node:assert/strict'
import {
  ann,
  bob,
  closed,
  grew,
  lobby,
  opened,
  redacting,
  room,
  runEnded,
  runStarted,
  said,
  taskSet,
} from './drafts.ts'
import { appendAll, count, type MakeLog, rulesOf } from './log-world.ts'
import { type Rule, refused } from './rule.ts'

export function markRules(make: MakeLog): readonly Rule[] {
  return rulesOf(make, {
    'a mark goes on, never back, and never beyond the head': async ({ log }) => {
      await log.append(
        lobby,
        count(5).map((number) => said(ann, `${number}`)),
      )
      assert.deepEqual(await log.marks(lobby), new Map())
      assert.equal(await log.mark(lobby, 'bob', 3), 3)
      assert.equal(await log.mark(lobby, 'bob', 2), 3)
      assert.equal(await log.mark(lobby, 'ann', 99), 5)
      assert.equal(await log.mark(lobby, 'ann', 99), 5)
      assert.deepEqual(
        await log.marks(lobby),
        new Map([
          ['bob', 3],
          ['ann', 5],
        ]),
      )
      await log.append(lobby, [said(ann, '6')])
      assert.equal((await log.marks(lobby)).get('ann'), 5)
      await refused(log.mark(room('nowhere'), 'bob', 1), 'room.unknown')
      await refused(log.marks(room('nowhere')), 'room.unknown')
    },

    'a mark belongs to its room': async ({ log }) => {
      await log.open(room('other'))
      await log.append(lobby, [said(ann, '1')])
      await log.mark(lobby, 'bob', 1)
      assert.deepEqual(await log.marks(room('other')), new Map())
      assert.equal(await log.unread(room('other'), 'bob', 10), undefined)
    },

    'unread are the messages of others beyond the mark': async ({ log }) => {
      assert.equal(await log.unread(lobby, 'bob', 10), undefined)
      await log.append(lobby, [said(ann, '1'), said(bob, '1')])
      assert.equal(await log.mark(lobby, 'bob', 0), 0)
      assert.equal(await log.unread(lobby, 'bob', 10), 1)
      await log.mark(lobby, 'bob', 1)
      assert.equal(await log.unread(lobby, 'bob', 10), 0)
      await appendAll(log, lobby, [
        said(ann, '2'),
        runStarted('r'),
        opened('m', 'r'),
        grew('m', 'a'),
        taskSet(ann, 't', 'a'),
      ])
      assert.equal(await log.unread(lobby, 'bob', 10), 1)
      await appendAll(log, lobby, [
        closed('m', 'an answer'),
        opened('n', 'r'),
        closed('n', ''),
        runEnded('r'),
        said(bob, '2'),
      ])
      assert.equal(await log.unread(lobby, 'bob', 10), 2)
      await log.append(lobby, [redacting(ann, 'r', 'ann/2')])
      assert.equal(await log.unread(lobby, 'bob', 10), 1)
      await refused(log.unread(room('nowhere'), 'bob', 10), 'room.unknown')
    },

    'unread are counted up to a limit, and only what is still there': async ({ log }) => {
      await log.append(
        lobby,
        count(20).map((number) => said(ann, `${number}`)),
      )
      await log.mark(lobby, 'stranger', 1)
      assert.deepEqual([await log.unread(lobby, 'stranger', 10), await log.unread(lobby, 'stranger', 0)], [10, 0])
      await log.trim(lobby, 15)
      assert.equal(await log.unread(lobby, 'stranger', 10), 5)
    },

    'marks outlive a close': async ({ log, reopen }) => {
      if (reopen === undefined) return
      await log.append(lobby, [said(ann, '1'), said(ann, '2')])
      await log.mark(lobby, 'bob', 1)
      const again = await reopen()
      assert.deepEqual(await again.marks(lobby), new Map([['bob', 1]]))
      assert.equal(await again.unread(lobby, 'bob', 10), 1)
    },
  })
}
