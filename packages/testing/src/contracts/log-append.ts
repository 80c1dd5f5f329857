// Rules about what becomes an event: order, repeats, refusals.
import assert from 'node:assert/strict'
import { ann, bob, guide, lobby, room, runEnded, runStarted, said, tagged } from './drafts.ts'
import { ALL, appendAll, count, everything, type MakeLog, rulesOf } from './log-world.ts'
import { type Rule, refused } from './rule.ts'

export function appendRules(make: MakeLog): readonly Rule[] {
  return rulesOf(make, {
    'a room begins empty': async ({ log }) => {
      const { epoch, ...rest } = await log.open(room('new'))
      assert.ok(epoch.length > 0 && epoch.length <= 64)
      assert.deepEqual(rest, { room: 'new', head: 0, horizon: 0, at: 0 })
    },

    'opening a room again changes nothing': async ({ log }) => {
      const first = await log.open(room('own'), 'ann')
      assert.deepEqual(await log.open(room('own'), 'bob'), first)
      assert.equal(first.owner, 'ann')
    },

    'a room that nobody opened is unknown': async ({ log }) => {
      const nowhere = room('nowhere')
      assert.equal(await log.info(nowhere), undefined)
      await refused(log.append(nowhere, [said(ann, '1')]), 'room.unknown')
      await refused(log.read(nowhere, undefined, ALL), 'room.unknown')
      await refused(log.older(nowhere, 10, ALL), 'room.unknown')
      await refused(log.trim(nowhere, 10), 'room.unknown')
      assert.equal(await log.info(nowhere), undefined)
    },

    'events are numbered from 1 and read as they were said': async ({ log, clock }) => {
      const first = await log.append(lobby, [said(ann, '1', 'hello'), said(bob, '1', 'hi')])
      clock.now += 5
      const second = await log.append(lobby, [said(ann, '2', 'how are you?')])
      const events = [...first, ...second].map(({ event }) => event)
      assert.deepEqual(events[2], {
        seq: 3,
        at: clock.now,
        by: ann,
        id: '2',
        fact: { type: 'message.posted', parts: [{ type: 'text', text: 'how are you?' }] },
      })
      assert.deepEqual(
        events.map(({ seq }) => seq),
        [1, 2, 3],
      )
      assert.ok([...first, ...second].every(({ repeated }) => !repeated))
      assert.deepEqual(await everything(log, lobby), events)
      assert.partialDeepStrictEqual(await log.info(lobby), { head: 3, horizon: 0, at: clock.now })
    },

    'of an author only id, kind and name are kept': async ({ log }) => {
      const actor = { ...ann, expiresAt: 5, grants: [{ room: '*', can: ['read'] }] }
      const [appended] = await log.append(lobby, [said(actor, '1')])
      assert.deepEqual(appended?.event.by, ann)
      assert.deepEqual((await everything(log, lobby))[0]?.by, ann)
    },

    'what somebody said is found by its id, and nothing else is': async ({ log }) => {
      const [first] = await log.append(lobby, [said(ann, '1'), said(bob, '2')])
      assert.deepEqual(await log.find(lobby, 'ann', '1'), first?.event)
      assert.equal(await log.find(lobby, 'ann', '2'), undefined)
      assert.equal(await log.find(lobby, 'nobody', '1'), undefined)
      await refused(log.find(room('nowhere'), 'ann', '1'), 'room.unknown')
    },

    'saying the same again is answered with the first event': async ({ log, clock }) => {
      const [first] = await log.append(lobby, [said(ann, '1')])
      clock.now += 60_000
      const [again] = await log.append(lobby, [said({ ...ann, name: 'Anna' }, '1')])
      assert.deepEqual(again, { event: first?.event, repeated: true })
      assert.equal((await everything(log, lobby)).length, 1)
      assert.equal((await log.info(lobby))?.at, first?.event.at)
    },

    'whoever changes their name stays the same person': async ({ log }) => {
      const anna = { ...ann, name: 'Anna' }
      const [first] = await log.append(lobby, [said(ann, '1')])
      const [second] = await log.append(lobby, [said(anna, '2')])
      const [again] = await log.append(lobby, [said(anna, '1')])
      assert.deepEqual([first?.event.by, second?.event.by, again?.event.by], [ann, anna, ann])
      assert.equal(again?.repeated, true)
      assert.deepEqual(
        (await everything(log, lobby)).map(({ by }) => by),
        [ann, anna],
      )
    },

    'saying the same with its keys in another order is the same': async ({ log }) => {
      const [first] = await log.append(lobby, [tagged(ann, '1', { a: 1, b: [{ c: 2, d: 3 }] })])
      const [again] = await log.append(lobby, [tagged(ann, '1', { b: [{ d: 3, c: 2 }], a: 1 })])
      assert.deepEqual(again, { event: first?.event, repeated: true })
    },

    'an id that was used for other content is refused, and the first content stays': async ({ log }) => {
      const [first] = await log.append(lobby, [said(ann, '1', 'yes')])
      await refused(log.append(lobby, [said(ann, '1', 'no')]), 'id.conflict')
      await refused(log.append(lobby, [said(ann, '2'), said(ann, '1', 'no')]), 'id.conflict')
      assert.deepEqual(await everything(log, lobby), [first?.event])
    },

    'of what an agent said twice the first stands': async ({ log }) => {
      await log.append(lobby, [runStarted('run')])
      const [first] = await log.append(lobby, [runEnded('run', 'cancelled')])
      const [second] = await log.append(lobby, [runEnded('run', 'interrupted')])
      assert.deepEqual(second, { event: first?.event, repeated: true })
    },

    'an id belongs to its author and its room': async ({ log }) => {
      await log.open(room('other'))
      await log.append(lobby, [said(ann, '1', 'of Ann')])
      const [bobs] = await log.append(lobby, [said(bob, '1', 'of Bob')])
      const [other] = await log.append(room('other'), [said(ann, '1', 'elsewhere')])
      assert.deepEqual([bobs?.repeated, other?.repeated], [false, false])
    },

    'a repeat within one call is one event': async ({ log }) => {
      const [first, second, third] = await log.append(lobby, [said(ann, '1'), said(bob, '1'), said(ann, '1')])
      assert.deepEqual([first?.repeated, second?.repeated, third?.repeated], [false, false, true])
      assert.deepEqual(third?.event, first?.event)
      assert.equal((await log.info(lobby))?.head, 2)
    },

    'a conflict within one call refuses all of it': async ({ log }) => {
      await refused(log.append(lobby, [said(ann, '1', 'yes'), said(ann, '1', 'no')]), 'id.conflict')
      assert.deepEqual(await everything(log, lobby), [])
    },

    'a repeat may stand beside what is new': async ({ log }) => {
      await appendAll(log, lobby, [said(ann, '1'), said(ann, '2')])
      const appended = await log.append(lobby, [said(ann, '3'), said(ann, '1'), said(ann, '4')])
      assert.deepEqual(
        appended.map(({ event, repeated }) => [event.seq, repeated]),
        [
          [3, false],
          [1, true],
          [4, false],
        ],
      )
    },

    'what has no id is new each time': async ({ log }) => {
      const { by, fact } = said(ann, 'x')
      const appended = await log.append(lobby, [{ by, fact }])
      const again = await log.append(lobby, [{ by, fact }])
      assert.deepEqual(
        [...appended, ...again].map(({ event }) => [event.seq, event.id]),
        [
          [1, undefined],
          [2, undefined],
        ],
      )
      assert.ok((await everything(log, lobby)).every((event) => !('id' in event)))
    },

    'appending nothing changes nothing': async ({ log }) => {
      assert.deepEqual(await log.append(lobby, []), [])
      assert.equal((await log.info(lobby))?.head, 0)
    },

    'an append that expects another head is refused': async ({ log }) => {
      await log.append(lobby, [said(ann, '1')], 0)
      await refused(log.append(lobby, [said(ann, '2')], 0), 'storage.unavailable')
      await refused(log.append(lobby, [said(ann, '2')], 2), 'storage.unavailable')
      await refused(log.append(lobby, [said(ann, '1')], 0), 'storage.unavailable')
      const [second] = await log.append(lobby, [said(ann, '2')], 1)
      assert.equal(second?.event.seq, 2)
    },

    'of two who expect the same head one succeeds': async ({ log }) => {
      const both = await Promise.allSettled([
        log.append(lobby, [said(ann, '1')], 0),
        log.append(lobby, [said(bob, '1')], 0),
      ])
      assert.deepEqual(
        both.map(({ status }) => status),
        ['fulfilled', 'rejected'],
      )
      assert.equal((await log.info(lobby))?.head, 1)
    },

    'many who write at once get one order without gaps': async ({ log }) => {
      const other = room('other')
      await log.open(other)
      const people = Array.from({ length: 8 }, (_, number) => ({ ...bob, id: `person-${number}` }))
      const said50 = people.flatMap((by) => count(50).map((number) => said(by, `${number}`)))
      const shuffled = said50.toSorted((a, b) => Number(a.id) - Number(b.id))
      const [here, there] = await Promise.all(
        [lobby, other].map((where) => Promise.all(shuffled.map((draft) => log.append(where, [draft])))),
      )
      for (const appended of [here, there])
        assert.deepEqual(
          appended?.map(([one]) => one?.event.seq).toSorted((a = 0, b = 0) => a - b),
          count(400),
        )
      const events = await everything(log, lobby)
      assert.deepEqual(
        events.map(({ seq }) => seq),
        count(400),
      )
      for (const { id } of people)
        assert.deepEqual(
          events.filter(({ by }) => by.id === id).map((event) => Number(event.id)),
          count(50),
        )
    },

    'what is refused does not spoil what others append at the same time': async ({ log }) => {
      await log.append(lobby, [said(ann, 'taken')])
      const calls = count(60).map((number) =>
        number % 3 === 0
          ? log.append(lobby, [said(bob, `${number}`), said(ann, 'taken', 'other')])
          : log.append(number % 3 === 1 ? lobby : room('nowhere'), [said(ann, `${number}`)]),
      )
      const settled = await Promise.allSettled(calls)
      assert.deepEqual(
        settled.map(({ status }) => status),
        count(60).map((number) => (number % 3 === 1 ? 'fulfilled' : 'rejected')),
      )
      assert.equal((await log.info(lobby))?.head, 21)
    },

    'a read sees all that was acknowledged before it': async ({ log }) => {
      for (const number of count(20)) {
        await Promise.all([log.append(lobby, [said(ann, `a${number}`)]), log.append(lobby, [said(bob, `b${number}`)])])
        assert.equal((await everything(log, lobby)).length, number * 2)
      }
    },

    'any text is kept as it is': async ({ log }) => {
      const words = [
        '',
        'a\0b',
        '\ud800 alone',
        '\udc00',
        '👩‍👩‍👧',
        '\u2028\u2029',
        "'; DROP TABLE events; --",
        '\\"\n\r\t',
        '\ufeff',
      ]
      await appendAll(
        log,
        lobby,
        words.map((word, number) => said(ann, `${number}`, word)),
      )
      await log.append(lobby, [tagged(guide, 'meta', { '': null, constructor: [1e21, -0.5, 'ü', {}] })])
      const events = await everything(log, lobby)
      assert.deepEqual(
        events.slice(0, words.length).map(({ fact }) => (fact.type === 'message.posted' ? fact.parts : undefined)),
        words.map((word) => [{ type: 'text', text: word }]),
      )
      assert.partialDeepStrictEqual(events.at(-1)?.fact, { meta: { '': null, constructor: [1e21, -0.5, 'ü', {}] } })
      const again = await log.append(
        lobby,
        words.map((word, number) => said(ann, `${number}`, word)),
      )
      assert.ok(again.every(({ repeated }) => repeated))
    },
  })
}
