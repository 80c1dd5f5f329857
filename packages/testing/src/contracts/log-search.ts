// Rules about finding messages by their words.
import assert from 'node:assert/strict'
import type { Event, RoomId } from '@parley/protocol'
import type { Log } from '@parley/server'
import { ann, bob, closed, editing, grew, lobby, opened, redacting, room, runStarted, said } from './drafts.ts'
import { appendAll, count, type MakeLog, rulesOf } from './log-world.ts'
import { type Rule, refused } from './rule.ts'

/** Which messages hold these words, by the ids of their events, latest first. */
async function ids(log: Log, words: string, where: RoomId | undefined = lobby): Promise<readonly string[]> {
  const found = await log.search(words.split(' '), where, 100)
  return found.map(({ event }) => event.id ?? '')
}

function texts(event: Event | undefined): string {
  return JSON.stringify(event?.fact)
}

export function searchRules(make: MakeLog): readonly Rule[] {
  return rulesOf(make, {
    'messages that hold all words are found, the latest first': async ({ log }) => {
      const drafts = [said(ann, '1', 'the red fox'), said(bob, '2', 'a red dog'), said(ann, '3', 'Fox, and RED.')]
      const [first] = await appendAll(log, lobby, drafts)
      assert.deepEqual(await ids(log, 'red'), ['3', '2', '1'])
      assert.deepEqual(await ids(log, 'red fox'), ['3', '1'])
      assert.deepEqual(await ids(log, 'cat'), [])
      const [, found] = await log.search(['fox'], lobby, 100)
      assert.deepEqual([found?.room, found?.event], [lobby, first?.event])
    },

    'the beginning of a word is enough, its end is not': async ({ log }) => {
      await appendAll(log, lobby, [said(ann, '1', 'parley'), said(ann, '2', 'barley'), said(ann, '3', 'par')])
      assert.deepEqual(await ids(log, 'par'), ['3', '1'])
      assert.deepEqual(await ids(log, 'arley'), [])
    },

    'capitals, accents and ways of writing them make no difference': async ({ log }) => {
      const drafts = [said(ann, '1', 'Café Zürich'), said(ann, '2', 'CAFE\u0301'), said(ann, '3', 'ｃａｆｅ Ελλάδα')]
      await appendAll(log, lobby, drafts)
      assert.deepEqual(await ids(log, 'cafe'), ['3', '2', '1'])
      assert.deepEqual(await ids(log, 'CAFÉ'), ['3', '2', '1'])
      assert.deepEqual(await ids(log, 'zurich'), ['1'])
      assert.deepEqual(await ids(log, 'ελλαδα'), ['3'])
    },

    'scripts without spaces are found from any letter on': async ({ log }) => {
      await appendAll(log, lobby, [said(ann, '1', '私は日本語を話す'), said(ann, '2', '本日')])
      assert.deepEqual(await ids(log, '日本'), ['1'])
      assert.deepEqual(await ids(log, '本'), ['2', '1'])
    },

    'what joins words in a text or a question is no word': async ({ log }) => {
      await appendAll(log, lobby, [said(ann, '1', 'it is real-time, v2.5'), said(ann, '2', 'time is real')])
      assert.deepEqual(await ids(log, 'real-ti'), ['1'])
      assert.deepEqual(await ids(log, 'v2.5'), ['1'])
      for (const words of ['"', '*', '""" OR', 'NEAR(', ') OR (', 'words:real', '-', '{a b}:', '^real', 'real AND']) {
        const found = await log.search([words], undefined, 10)
        assert.ok(found.length <= 2, words)
      }
      assert.deepEqual(await log.search([], undefined, 10), [])
      assert.deepEqual(await log.search(['…'], undefined, 10), [])
      assert.deepEqual(await ids(log, 'real …'), ['2', '1'])
    },

    'answers are found when they are whole, and nothing but messages is': async ({ log }) => {
      await appendAll(log, lobby, [runStarted('fox-run'), opened('fox', 'fox-run'), grew('fox', 'a fox')])
      assert.deepEqual(await ids(log, 'fox'), [])
      const data = { type: 'data', name: 'fox', data: 'fox' } as const
      const thought = { type: 'reasoning', text: 'fox' } as const
      await log.append(lobby, [{ by: ann, id: '2', fact: { type: 'message.posted', parts: [data, thought] } }])
      await log.append(lobby, [closed('fox', 'a fox')])
      assert.deepEqual(await ids(log, 'fox'), ['fox.closed'])
    },

    'what is new is found at once': async ({ log }) => {
      for (const id of ['1', '2', '3']) {
        await log.append(lobby, [said(ann, id, 'fox')])
        assert.equal((await ids(log, 'fox'))[0], id)
      }
    },

    'rooms are searched one by one or together, and pages follow each other': async ({ log }) => {
      const other = room('other')
      await log.open(other)
      for (const number of count(3)) {
        await log.append(lobby, [said(ann, `${number}`, 'fox')])
        await log.append(other, [said(ann, `${number}`, 'fox')])
      }
      assert.deepEqual(await ids(log, 'fox', other), ['3', '2', '1'])
      assert.deepEqual(await ids(log, 'fox', room('lobby')), ['3', '2', '1'])
      await refused(log.search(['fox'], room('nowhere'), 10), 'room.unknown')
      const all = await log.search(['fox'], undefined, 10)
      assert.deepEqual(
        all.map((found) => `${found.room} ${found.event.id}`),
        ['other 3', 'lobby 3', 'other 2', 'lobby 2', 'other 1', 'lobby 1'],
      )
      const first = await log.search(['fox'], undefined, 4)
      assert.deepEqual(first, all.slice(0, 4))
      assert.deepEqual(await log.search(['fox'], undefined, 4, first[3]), all.slice(4))
      assert.deepEqual(await log.search(['fox'], undefined, 4, all[5]), [])
    },

    'a message is found by how it was edited last, in its place': async ({ log }) => {
      await appendAll(log, lobby, [said(ann, '1', 'red'), opened('m'), closed('m', 'red'), said(ann, '2', 'blue')])
      assert.deepEqual(await ids(log, 'red'), ['m.closed', '1'])
      await appendAll(log, lobby, [editing(ann, '3', 'ann/1', 'green'), editing(ann, '4', 'guide/m', 'grey')])
      await log.append(lobby, [editing(ann, '5', 'ann/1', 'blue')])
      assert.deepEqual([await ids(log, 'red'), await ids(log, 'green')], [[], []])
      assert.deepEqual([await ids(log, 'blue'), await ids(log, 'grey')], [['2', '1'], ['m.closed']])
      const [, found] = await log.search(['blue'], lobby, 10)
      assert.deepEqual(found?.event, { ...(await log.find(lobby, 'ann', '1')), fact: said(ann, '1', 'blue').fact })
      assert.ok(texts(await log.find(lobby, 'ann', '1')).includes('red'))
    },

    'what was redacted is not found, whether searched before or not': async ({ log }) => {
      const drafts = [
        said(ann, '1', 'fox'),
        opened('m'),
        closed('m', 'fox'),
        said(ann, '2', 'fox'),
        said(ann, '3', 'fox'),
      ]
      await appendAll(log, lobby, [...drafts, editing(ann, '4', 'ann/3', 'a fox')])
      assert.equal((await ids(log, 'fox')).length, 4)
      await appendAll(log, lobby, [redacting(bob, '1', 'ann/1'), redacting(bob, '2', 'guide/m')])
      await log.append(lobby, [redacting(bob, '3', 'ann/3')])
      assert.deepEqual(await ids(log, 'fox'), ['2'])
      await appendAll(log, lobby, [
        said(ann, '5', 'fox'),
        redacting(bob, '4', 'ann/5'),
        editing(ann, '6', 'ann/1', 'fox'),
      ])
      assert.deepEqual(await ids(log, 'fox'), ['2'])
    },

    'what was forgotten is not found, and what comes after it is': async ({ log }) => {
      await appendAll(log, lobby, [said(ann, '1', 'fox'), said(ann, '2', 'fox')])
      assert.deepEqual(await ids(log, 'fox'), ['2', '1'])
      await log.trim(lobby, 1)
      assert.deepEqual(await ids(log, 'fox'), ['2'])
      await log.trim(lobby, 2)
      assert.deepEqual(await ids(log, 'fox'), [])
      await appendAll(log, lobby, [editing(ann, '3', 'ann/1', 'fox'), said(ann, '4', 'fox'), said(ann, '5', 'fox')])
      assert.deepEqual(await ids(log, 'fox'), ['5', '4'])
    },

    'many are found while others write': async ({ log }) => {
      await log.append(
        lobby,
        count(5_000).map((number) => said(ann, `${number}`, `fox ${number}`)),
      )
      const [found, appended] = await Promise.all([
        log.search(['fox'], lobby, 10),
        log.append(lobby, [said(bob, '1', 'hello')]),
      ])
      assert.deepEqual([found[0]?.event.id, found.length, appended[0]?.event.seq], ['5000', 10, 5_001])
      assert.deepEqual(await ids(log, 'fox 4711'), ['4711'])
      assert.equal(await log.trim(lobby, 4_999), 4_999)
      assert.deepEqual(await ids(log, 'fox'), ['5000'])
    },

    'what is found outlives a close': async ({ log, reopen }) => {
      if (reopen === undefined) return
      await appendAll(log, lobby, [said(ann, '1', 'fox'), editing(ann, '2', 'ann/1', 'dog')])
      const before = await log.search(['dog'], undefined, 10)
      await log.append(lobby, [said(ann, '3', 'dog')])
      const again = await reopen()
      assert.deepEqual((await again.search(['dog'], undefined, 10)).slice(1), before)
      assert.deepEqual(await ids(again, 'dog'), ['3', '1'])
    },
  })
}
