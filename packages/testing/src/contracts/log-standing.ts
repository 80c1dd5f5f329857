// Rules about what tells how something stands: only the latest counts, and it outlives the horizon.
import assert from 'node:assert/strict'
import { ann, bob, from, lobby, room, said, taskSet } from './drafts.ts'
import { ALL, appendAll, count, type MakeLog, rulesOf, seqs } from './log-world.ts'
import { type Rule, refused } from './rule.ts'

export function standingRules(make: MakeLog): readonly Rule[] {
  return rulesOf(make, {
    'the latest of each task is remembered, the latest first, also when it is over': async ({ log }) => {
      const drafts = [taskSet(ann, '1', 'a'), taskSet(ann, '2', 'b'), said(ann, 'x'), taskSet(bob, '3', 'a', 'done')]
      const events = (await appendAll(log, lobby, drafts)).map(({ event }) => event)
      assert.deepEqual(await log.standing(lobby, 'task/', 10), [events[3], events[1]])
      assert.deepEqual(await log.standing(lobby, 'task/', 1), [events[3]])
      assert.deepEqual(await log.standing(lobby, 'task/b', 10), [events[1]])
      assert.deepEqual(await log.standing(lobby, 'other/', 10), [])
      await refused(log.standing(room('nowhere'), '', 10), 'room.unknown')
    },

    'a task belongs to its room': async ({ log }) => {
      await log.open(room('other'))
      await log.append(lobby, [taskSet(ann, '1', 'a')])
      assert.deepEqual(await log.standing(room('other'), '', 10), [])
      await log.append(room('other'), [from(taskSet(ann, '1', 'a'), 0)])
    },

    'who changes what has changed meanwhile is refused': async ({ log }) => {
      await refused(log.append(lobby, [from(taskSet(ann, '1', 'a'), 1)]), 'id.conflict')
      await log.append(lobby, [from(taskSet(ann, '1', 'a'), 0)])
      await refused(log.append(lobby, [from(taskSet(bob, '1', 'a'), 0)]), 'id.conflict')
      await log.append(lobby, [from(taskSet(ann, '2', 'a', 'blocked'), 1)])
      await refused(log.append(lobby, [said(bob, 'x'), from(taskSet(bob, '2', 'a'), 1)]), 'id.conflict')
      const [third] = await log.append(lobby, [taskSet(bob, '3', 'a', 'done')])
      assert.deepEqual([third?.event.seq, (await log.info(lobby))?.head], [3, 3])
    },

    'within one call each follows the one before': async ({ log }) => {
      await log.append(lobby, [from(taskSet(ann, '1', 'a'), 0), from(taskSet(ann, '2', 'a', 'done'), 1)])
      await refused(
        log.append(lobby, [from(taskSet(ann, '3', 'a'), 2), from(taskSet(ann, '4', 'a', 'done'), 2)]),
        'id.conflict',
      )
      assert.equal((await log.info(lobby))?.head, 2)
    },

    'of two who change the same at once, one is refused': async ({ log }) => {
      await log.append(lobby, [taskSet(ann, '1', 'a')])
      const both = [from(taskSet(ann, '2', 'a', 'done'), 1), from(taskSet(bob, '2', 'a', 'blocked'), 1)]
      const settled = await Promise.allSettled(both.map((draft) => log.append(lobby, [draft])))
      assert.deepEqual(settled.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected'])
    },

    'a change that is sent again is a repeat, whatever has changed since': async ({ log }) => {
      const [first] = await log.append(lobby, [from(taskSet(ann, '1', 'a'), 0)])
      await log.append(lobby, [taskSet(bob, '2', 'a', 'blocked')])
      assert.deepEqual(await log.append(lobby, [from(taskSet(ann, '1', 'a'), 0)]), [
        { event: first?.event, repeated: true },
      ])
    },

    'what still matters outlives the horizon, and a page that starts anew tells it': async ({ log }) => {
      const drafts = [
        taskSet(ann, '1', 'a'),
        taskSet(ann, '2', 'b'),
        taskSet(ann, '3', 'a', 'blocked'),
        taskSet(ann, '4', 'c', 'done'),
        said(ann, 'x'),
        taskSet(ann, '6', 'd'),
      ]
      const events = (await appendAll(log, lobby, drafts)).map(({ event }) => event)
      assert.equal((await log.read(lobby, undefined, ALL)).standing, undefined)
      assert.equal(await log.trim(lobby, 5), 5)
      const page = await log.read(lobby, undefined, ALL)
      assert.deepEqual([page.after, page.earlier, page.events], [5, false, [events[5]]])
      assert.deepEqual(page.standing, [events[1], events[2]])
      const lost = await log.read(lobby, { epoch: page.epoch, seq: 2 }, ALL)
      assert.deepEqual([lost.reset, lost.standing], ['retention', page.standing])
      assert.equal((await log.read(lobby, { epoch: page.epoch, seq: 5 }, ALL)).standing, undefined)
      assert.deepEqual(seqs(await log.older(lobby, 6, ALL)), [])
      assert.deepEqual(
        (await log.standing(lobby, 'task/', 10)).map(({ seq }) => seq),
        [6, 4, 3, 2],
      )
      assert.deepEqual(await log.find(lobby, 'ann', '3'), events[2])
      assert.equal(await log.find(lobby, 'ann', '1'), undefined)
      const [again] = await log.append(lobby, [taskSet(ann, '3', 'a', 'blocked')])
      assert.deepEqual(again, { event: events[2], repeated: true })
    },

    'what lies before a page of the last events is told with it': async ({ log }) => {
      const [task] = await log.append(lobby, [taskSet(ann, '1', 'a'), ...count(5).map((n) => said(ann, `m${n}`))])
      const page = await log.read(lobby, undefined, { events: 2, bytes: 1_000_000 })
      assert.deepEqual([page.after, page.standing], [4, [task?.event]])
      assert.equal((await log.older(lobby, 4, { events: 1, bytes: 1_000_000 })).standing, undefined)
    },

    'what is the latest no more is gone when it lies beyond the horizon': async ({ log }) => {
      await appendAll(log, lobby, [taskSet(ann, '1', 'a'), said(ann, 'x')])
      await log.trim(lobby, 2)
      assert.equal((await log.find(lobby, 'ann', '1'))?.seq, 1)
      const [next] = await log.append(lobby, [from(taskSet(ann, '2', 'a', 'done'), 1)])
      assert.equal(await log.find(lobby, 'ann', '1'), undefined)
      assert.deepEqual(await log.standing(lobby, '', 10), [next?.event])
      assert.equal((await log.read(lobby, undefined, ALL)).standing, undefined)
      await log.trim(lobby, 3)
      assert.deepEqual(await log.standing(lobby, '', 10), [next?.event])
    },

    'how things stand outlives a close': async ({ log, reopen }) => {
      if (reopen === undefined) return
      await appendAll(log, lobby, [taskSet(ann, '1', 'a'), taskSet(ann, '2', 'b', 'done'), said(ann, 'x')])
      await log.trim(lobby, 3)
      const before = [await log.standing(lobby, '', 10), (await log.read(lobby, undefined, ALL)).standing]
      const again = await reopen()
      assert.deepEqual(
        [await again.standing(lobby, '', 10), (await again.read(lobby, undefined, ALL)).standing],
        before,
      )
      await refused(again.append(lobby, [from(taskSet(ann, '3', 'a'), 0)]), 'id.conflict')
    },
  })
}
