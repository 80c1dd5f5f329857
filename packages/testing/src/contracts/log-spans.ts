// Rules about messages that grow and runs: nobody writes on after the end, and growth goes once its message is whole.
import assert from 'node:assert/strict'
import {
  ann,
  called,
  closed,
  following,
  grew,
  held,
  lobby,
  opened,
  printed,
  resumed,
  room,
  runEnded,
  runStarted,
  said,
  toolEnded,
} from './drafts.ts'
import { ALL, appendAll, everything, type MakeLog, rulesOf, seqs } from './log-world.ts'
import { type Rule, refused } from './rule.ts'

export function spanRules(make: MakeLog): readonly Rule[] {
  return rulesOf(make, {
    'what was never opened can neither grow nor be closed': async ({ log }) => {
      await refused(log.append(lobby, [grew('m', 'x')]), 'run.over')
      await refused(log.append(lobby, [closed('m', 'x')]), 'run.over')
      await refused(log.append(lobby, [opened('m', 'run')]), 'run.over')
      await refused(log.append(lobby, [runEnded('run')]), 'run.over')
      assert.equal((await log.info(lobby))?.head, 0)
    },

    'what is closed can neither grow nor be closed again': async ({ log }) => {
      await appendAll(log, lobby, [runStarted('run'), opened('m', 'run'), closed('m', 'x'), runEnded('run')])
      await refused(log.append(lobby, [grew('m', 'x')]), 'run.over')
      await refused(log.append(lobby, [{ ...closed('m', 'x'), id: 'another' }]), 'run.over')
      await refused(log.append(lobby, [opened('n', 'run')]), 'run.over')
      await refused(log.append(lobby, [said(ann, '1'), grew('m', 'x')]), 'run.over')
      assert.equal((await log.info(lobby))?.head, 4)
    },

    'closing again under the same id is answered with the first close': async ({ log }) => {
      await appendAll(log, lobby, [runStarted('run'), runEnded('run')])
      const [again] = await log.append(lobby, [runEnded('run')])
      assert.deepEqual([again?.repeated, again?.event.seq], [true, 2])
    },

    'a span may be opened, used and closed in one call': async ({ log }) => {
      await log.append(lobby, [opened('m'), grew('m', 'x'), grew('m', 'y', 1), closed('m', 'xy'), said(ann, '1')])
      const page = await log.read(lobby, undefined, ALL)
      assert.deepEqual(seqs(page), [1, 4, 5])
      assert.equal(page.upTo, 5)
      assert.deepEqual(await log.spans(''), [])
    },

    'what is open cannot be opened again': async ({ log }) => {
      await log.append(lobby, [opened('m')])
      await refused(log.append(lobby, [{ ...opened('m'), id: 'another' }]), 'id.conflict')
      assert.deepEqual(await log.spans('message/'), [{ room: lobby, key: 'message/m', first: 1 }])
    },

    'a call that is refused opens and closes nothing': async ({ log }) => {
      await log.append(lobby, [opened('m'), grew('m', 'x')])
      await refused(log.append(lobby, [opened('n'), closed('m', 'x'), grew('nothing', 'x')]), 'run.over')
      assert.deepEqual(await log.spans(''), [{ room: lobby, key: 'message/m', first: 1 }])
      assert.equal((await everything(log, lobby)).length, 2)
    },

    'spans of one room mean nothing in another': async ({ log }) => {
      const other = room('other')
      await log.open(other)
      await log.append(lobby, [opened('m')])
      await refused(log.append(other, [grew('m', 'x')]), 'run.over')
      await log.append(other, [opened('m'), grew('m', 'x')])
      await log.append(lobby, [grew('m', 'y'), closed('m', 'y')])
      assert.deepEqual(seqs(await log.read(other, undefined, ALL)), [1, 2])
    },

    'open spans are found in all rooms by how their key begins': async ({ log }) => {
      const other = room('other')
      await log.open(other)
      await appendAll(log, lobby, [runStarted('a_1'), opened('m', 'a_1'), runStarted('ab1')])
      await appendAll(log, other, [said(ann, '1'), runStarted('b'), runStarted('gone'), runEnded('gone')])
      const keys = async (prefix: string) =>
        (await log.spans(prefix)).map(({ room, key, first }) => `${room} ${key} ${first}`).toSorted()
      assert.deepEqual(await keys('run/'), ['lobby run/a_1 1', 'lobby run/ab1 3', 'other run/b 2'])
      assert.deepEqual(await keys('run/a_'), ['lobby run/a_1 1'])
      assert.deepEqual(await keys('run/%'), [])
      assert.deepEqual(await keys('RUN/'), [])
      assert.equal((await keys('')).length, 4)
    },

    'closing a message disposes of its growth and of no other': async ({ log }) => {
      await appendAll(log, lobby, [opened('m'), grew('m', 'a'), opened('n'), grew('n', 'x')])
      await appendAll(log, lobby, [grew('m', 'b', 1), said(ann, '1'), grew('n', 'y', 1)])
      assert.deepEqual(seqs(await log.read(lobby, undefined, ALL)), [1, 2, 3, 4, 5, 6, 7])
      await log.append(lobby, [closed('m', 'ab')])
      assert.deepEqual(seqs(await log.read(lobby, undefined, ALL)), [1, 3, 4, 6, 7, 8])
      await log.append(lobby, [closed('n', 'xy'), said(ann, '2')])
      const page = await log.read(lobby, undefined, ALL)
      assert.deepEqual(seqs(page), [1, 3, 6, 8, 9, 10])
      assert.deepEqual([page.after, page.upTo], [0, 10])
    },

    'who was in the middle of a message gets its close in place of what they missed': async ({ log }) => {
      await log.append(lobby, [opened('m')])
      for (let from = 0; from < 300; from += 1) await log.append(lobby, [grew('m', 'x', from)])
      const { epoch } = await log.open(lobby)
      const half = await log.read(lobby, { epoch, seq: 150 }, ALL)
      assert.deepEqual([half.events.length, half.upTo], [151, 301])
      await log.append(lobby, [closed('m', 'x'.repeat(300))])
      assert.deepEqual(seqs(await log.read(lobby, { epoch, seq: 150 }, ALL)), [302])
    },

    'a run that was retaken goes on, and only its last holder writes in it as such': async ({ log, reopen }) => {
      await appendAll(log, lobby, [said(ann, '1'), runStarted('run'), opened('m', 'run')])
      await log.append(lobby, [held(grew('m', 'a'), 'run', 2)])
      await log.append(lobby, [resumed('run', 2)])
      assert.deepEqual(await log.spans('run/'), [{ room: lobby, key: 'run/run', first: 5 }])
      await refused(log.append(lobby, [held(grew('m', 'b', 1), 'run', 2)]), 'run.over')
      await refused(log.append(lobby, [held(closed('m', 'a'), 'run', 2), held(runEnded('run'), 'run', 2)]), 'run.over')
      await log.append(lobby, [held(grew('m', 'c', 1), 'run', 5)])
      const same = (await reopen?.()) ?? log
      await refused(same.append(lobby, [held(grew('m', 'b', 2), 'run', 2)]), 'run.over')
      await same.append(lobby, [held(closed('m', 'ac'), 'run', 5), held(runEnded('run'), 'run', 5)])
      assert.deepEqual(await same.spans(''), [])
    },

    'what is over cannot be retaken or held': async ({ log }) => {
      await refused(log.append(lobby, [resumed('run', 1)]), 'run.over')
      await appendAll(log, lobby, [runStarted('run'), opened('m'), runEnded('run')])
      await refused(log.append(lobby, [resumed('run', 1)]), 'run.over')
      await refused(log.append(lobby, [held(grew('m', 'x'), 'run', 1)]), 'run.over')
    },

    'what a tool prints goes when its call ends, and its message keeps its own growth': async ({ log }) => {
      await appendAll(log, lobby, [runStarted('run'), opened('m', 'run'), grew('m', 'a'), called('run', 'c')])
      await appendAll(log, lobby, [printed('run', 'c', 'x'), grew('m', 'b', 1), printed('run', 'c', 'y', 1)])
      assert.deepEqual(seqs(await log.read(lobby, undefined, ALL)), [1, 2, 3, 4, 5, 6, 7])
      await log.append(lobby, [toolEnded('run', 'c')])
      assert.deepEqual(seqs(await log.read(lobby, undefined, ALL)), [1, 2, 3, 4, 6, 8])
      await refused(log.append(lobby, [printed('run', 'c', 'z', 2)]), 'run.over')
    },

    'what follows a repeat is left out, and what follows something new is not': async ({ log }) => {
      const [first, started] = await log.append(lobby, [said(ann, '1'), following(runStarted('one'))])
      assert.deepEqual([first?.repeated, started?.event.seq], [false, 2])
      const again = await log.append(lobby, [
        said(ann, '1'),
        following(runStarted('two')),
        following(opened('m', 'two')),
        said(ann, '2'),
        following(runStarted('three')),
      ])
      assert.deepEqual(
        again.map(({ event, repeated }) => [event.seq, event.id, repeated]),
        [
          [1, '1', true],
          [3, '2', false],
          [4, 'three', false],
        ],
      )
      assert.deepEqual((await log.spans('run/')).map(({ key }) => key).toSorted(), ['run/one', 'run/three'])
    },
  })
}
