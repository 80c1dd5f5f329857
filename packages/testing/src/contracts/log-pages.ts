// Rules about pages: what follows a position, the last events, history, and where each begins and ends.
import assert from 'node:assert/strict'
import { type Page, prependPage, type RoomId, timelineOf } from '@parley/protocol'
import type { Limit, Log } from '@parley/server'
import { ann, bob, closed, grew, lobby, opened, runEnded, runStarted, said } from './drafts.ts'
import { ALL, appendAll, count, type MakeLog, rulesOf, seqs } from './log-world.ts'
import type { Rule } from './rule.ts'

export function pageRules(make: MakeLog): readonly Rule[] {
  return rulesOf(make, {
    'a page follows its position and ends at the head': async ({ log }) => {
      const epoch = await say(log, 5)
      const page = await log.read(lobby, { epoch, seq: 2 }, ALL)
      assert.deepEqual({ ...page, events: seqs(page) }, { room: lobby, epoch, after: 2, upTo: 5, events: [3, 4, 5] })
      assert.deepEqual(await log.read(lobby, { epoch, seq: 5 }, ALL), {
        room: lobby,
        epoch,
        after: 5,
        upTo: 5,
        events: [],
      })
    },

    'pages of a few events meet and miss nothing': async ({ log }) => {
      const epoch = await say(log, 10)
      for (const events of [1, 3, 7, 10, 11]) {
        const pages = await follow(log, epoch, { ...ALL, events })
        assert.deepEqual(pages.flatMap(seqs), count(10))
        assert.ok(pages.every((page) => page.events.length <= events && page.upTo === seqs(page).at(-1)))
      }
    },

    'a page ends after the event that passes its bytes, and holds one at least': async ({ log }) => {
      const epoch = await say(log, 10, 1_000)
      const read = async (bytes: number) => seqs(await log.read(lobby, { epoch, seq: 0 }, { ...ALL, bytes }))
      assert.deepEqual(await read(1), [1])
      assert.deepEqual(await read(900), [1])
      assert.deepEqual(await read(1_500), [1, 2])
      assert.deepEqual(await read(1_000_000), count(10))
      assert.deepEqual((await follow(log, epoch, { ...ALL, bytes: 2_500 })).flatMap(seqs), count(10))
    },

    'without a position a page holds the last events and goes up to the head': async ({ log }) => {
      const epoch = await say(log, 10)
      const page = await log.read(lobby, undefined, { ...ALL, events: 3 })
      assert.deepEqual(
        { ...page, events: seqs(page) },
        { room: lobby, epoch, after: 7, upTo: 10, events: [8, 9, 10], reset: 'start', earlier: true },
      )
      const whole = await log.read(lobby, undefined, { ...ALL, events: 10 })
      assert.deepEqual([whole.after, whole.events.length, whole.earlier], [0, 10, false])
      const none = await log.read(lobby, undefined, { ...ALL, events: 0 })
      assert.deepEqual([none.after, none.upTo, none.events.length, none.earlier], [10, 10, 0, true])
    },

    'an empty room has a page, too': async ({ log }) => {
      const { epoch } = await log.open(lobby)
      const empty = { room: lobby, epoch, after: 0, upTo: 0, events: [] }
      assert.deepEqual(await log.read(lobby, undefined, ALL), { ...empty, reset: 'start', earlier: false })
      assert.deepEqual(await log.read(lobby, { epoch, seq: 0 }, ALL), empty)
      assert.deepEqual(await log.older(lobby, 1, ALL), { ...empty, earlier: false })
    },

    'the last events are no more bytes than asked for': async ({ log }) => {
      await say(log, 10, 1_000)
      const page = await log.read(lobby, undefined, { events: 10, bytes: 2_500 })
      assert.deepEqual([page.after, page.upTo, seqs(page)], [7, 10, [8, 9, 10]])
      assert.deepEqual(seqs(await log.read(lobby, undefined, { events: 10, bytes: 1 })), [10])
      assert.deepEqual(seqs(await log.older(lobby, 8, { events: 10, bytes: 1_500 })), [6, 7])
    },

    'a position of another epoch, of the future or of what was forgotten gets the last events and the reason': async ({
      log,
    }) => {
      const epoch = await say(log, 10)
      await log.trim(lobby, 4)
      const limit = { ...ALL, events: 2 }
      const last = { room: lobby, epoch, after: 8, upTo: 10, events: [9, 10], earlier: true }
      const ask = async (seq: number, of = epoch) => {
        const page = await log.read(lobby, { epoch: of, seq }, limit)
        return { ...page, events: seqs(page) }
      }
      assert.deepEqual(await ask(7, 'another'), { ...last, reset: 'epoch' })
      assert.deepEqual(await ask(11), { ...last, reset: 'future' })
      assert.deepEqual(await ask(3), { ...last, reset: 'retention' })
      assert.deepEqual(await ask(0), { ...last, reset: 'retention' })
      assert.deepEqual(await ask(4), { room: lobby, epoch, after: 4, upTo: 6, events: [5, 6] })
    },

    'the last events begin where nothing is open': async ({ log }) => {
      // 1 | 2 3(4)5 | 6 ( 7 [ 8 ) 9 ] | 10
      await appendAll(log, lobby, [said(ann, '1'), opened('a'), said(ann, '3'), grew('a', 'x'), closed('a', 'x')])
      await appendAll(log, lobby, [opened('b'), runStarted('c'), closed('b', 'x'), runEnded('c'), said(ann, '10')])
      const starts = async (events: number) => (await log.read(lobby, undefined, { ...ALL, events })).after
      assert.deepEqual(await Promise.all(count(9).map(starts)), [9, 5, 5, 5, 5, 1, 1, 1, 0])
    },

    'the last events hold the whole of what is still open': async ({ log }) => {
      await appendAll(log, lobby, [said(ann, '1'), opened('m'), grew('m', 'x'), said(ann, '4'), grew('m', 'y', 1)])
      const page = await log.read(lobby, undefined, { events: 1, bytes: 1 })
      assert.deepEqual([page.after, page.upTo, seqs(page), page.earlier], [1, 5, [2, 3, 4, 5], true])
    },

    'growth does not count among the last events': async ({ log }) => {
      await appendAll(log, lobby, [said(ann, '1'), said(ann, '2'), opened('m')])
      for (const from of count(50, 0)) await log.append(lobby, [grew('m', 'x', from)])
      assert.equal((await log.read(lobby, undefined, { ...ALL, events: 2 })).after, 1)
    },

    'pages of history meet the page they precede and one another': async ({ log }) => {
      await conversation(log)
      const whole = await log.read(lobby, undefined, ALL)
      for (const events of [1, 2, 3, 5, 8, 1_000]) {
        const pages = await history(log, lobby, { ...ALL, events })
        assert.deepEqual(pages.flatMap(seqs), seqs(whole))
        for (const [index, page] of pages.entries()) {
          assert.equal(page.upTo, pages[index + 1]?.after ?? whole.upTo)
          assert.equal(page.earlier, index > 0)
        }
      }
    },

    'a picture put together from pages is the picture of the whole': async ({ log }) => {
      await conversation(log)
      const whole = timelineOf(await log.read(lobby, undefined, ALL))
      for (const events of [1, 2, 3, 5, 8]) {
        const pages = await history(log, lobby, { ...ALL, events })
        const [last, ...before] = pages.toReversed()
        if (last === undefined) throw new Error('there is a last page')
        assert.deepEqual(before.reduce(prependPage, timelineOf(last)), whole)
      }
    },

    'history ends before the first event and after the last': async ({ log }) => {
      const epoch = await say(log, 3)
      const none = { room: lobby, epoch, after: 0, upTo: 0, events: [], earlier: false }
      assert.deepEqual(await log.older(lobby, 1, ALL), none)
      assert.deepEqual(await log.older(lobby, 0, ALL), none)
      const all = await log.older(lobby, 1_000, ALL)
      assert.deepEqual([all.after, all.upTo, seqs(all)], [0, 3, [1, 2, 3]])
      await log.trim(lobby, 2)
      assert.deepEqual(await log.older(lobby, 3, ALL), { ...none, after: 2, upTo: 2 })
      assert.deepEqual(await log.older(lobby, 2, ALL), { ...none, after: 1, upTo: 1 })
    },
  })
}

/** So many messages of about so many bytes; the room's epoch. */
async function say(log: Log, messages: number, bytes = 10): Promise<string> {
  for (const number of count(messages)) await log.append(lobby, [said(ann, `${number}`, 'x'.repeat(bytes))])
  return (await log.open(lobby)).epoch
}

/** People and agents at once, with stretches that overlap, nest and follow one another; the last is still open. */
async function conversation(log: Log): Promise<void> {
  await appendAll(log, lobby, [said(ann, '1'), runStarted('r'), opened('r1', 'r'), grew('r1', 'on'), said(bob, '1')])
  await appendAll(log, lobby, [grew('r1', 'e', 2), closed('r1', 'one'), opened('r2', 'r'), closed('r2', 'two')])
  await appendAll(log, lobby, [runEnded('r'), said(ann, '2'), runStarted('s'), runStarted('t'), opened('t1', 't')])
  await appendAll(log, lobby, [
    closed('t1', 'x'),
    runEnded('s'),
    runStarted('u'),
    runEnded('t'),
    runEnded('u', 'failed'),
  ])
  await appendAll(log, lobby, [said(bob, '2'), said(ann, '3'), runStarted('v'), opened('v1', 'v'), grew('v1', 'and')])
  await appendAll(log, lobby, [said(bob, '3'), grew('v1', ' so', 3)])
}

/** All pages from the beginning to the head. */
async function follow(log: Log, epoch: string, limit: Limit): Promise<readonly Page[]> {
  const pages: Page[] = []
  for (let seq = 0; ; ) {
    const page = await log.read(lobby, { epoch, seq }, limit)
    if (page.events.length === 0) return pages
    assert.equal(page.after, seq)
    assert.equal(page.reset, undefined)
    pages.push(page)
    seq = page.upTo
  }
}

/** All pages from the last one back to the beginning, in the order of the log. */
async function history(log: Log, room: RoomId, limit: Limit): Promise<readonly Page[]> {
  const pages = [await log.read(room, undefined, limit)]
  for (let first = pages[0]; first?.earlier === true; first = pages[0]) {
    assert.ok(first.events.length > 0)
    pages.unshift(await log.older(room, first.after + 1, limit))
  }
  return pages
}
