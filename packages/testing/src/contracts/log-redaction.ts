// Rules about second thoughts: what was removed is gone, wherever it was, and cannot come back.
import assert from 'node:assert/strict'
import type { Fact } from '@parley/protocol'
import { ann, bob, closed, editing, grew, guide, lobby, opened, redacting, room, said, tagged } from './drafts.ts'
import { ALL, appendAll, everything, type LogWorld, type MakeLog, rulesOf } from './log-world.ts'
import type { Rule } from './rule.ts'

async function facts(log: LogWorld['log']): Promise<readonly Fact[]> {
  return (await everything(log, lobby)).map(({ fact }) => fact)
}

export function redactionRules(make: MakeLog): readonly Rule[] {
  return rulesOf(make, {
    'a message that is redacted keeps its place and loses its content': async ({ log }) => {
      const parts = [{ type: 'text', text: 'secret' }] as const
      const fact = { type: 'message.posted', parts, replyTo: 'bob/0', meta: { a: 'secret' } } as const
      await appendAll(log, lobby, [{ by: ann, id: '1', fact }, said(bob, '1')])
      const [redacted] = await log.append(lobby, [redacting(bob, '2', 'ann/1')])
      assert.deepEqual([redacted?.event.seq, redacted?.repeated], [3, false])
      const [first, second] = await everything(log, lobby)
      assert.deepEqual(first?.fact, { type: 'message.posted', parts: [], redacted: true, replyTo: 'bob/0' })
      assert.deepEqual([first?.seq, first?.id, first?.by], [1, '1', ann])
      assert.deepEqual(second?.fact, said(bob, '1').fact)
      assert.deepEqual(await log.find(lobby, 'ann', '1'), first)
      assert.equal((await log.info(lobby))?.head, 3)
    },

    'whoever sends again what was redacted is answered with what is left': async ({ log }) => {
      await appendAll(log, lobby, [tagged(ann, '1', { a: 1 }), editing(ann, '2', 'ann/1', 'better')])
      await log.append(lobby, [redacting(ann, '3', 'ann/1')])
      const drafts = [tagged(ann, '1', { a: 1 }), editing(ann, '2', 'ann/1', 'better')]
      const again = await log.append(lobby, [...drafts, redacting(ann, '3', 'ann/1')])
      assert.deepEqual(
        again.map(({ event, repeated }) => [event.seq, repeated]),
        [
          [1, true],
          [2, true],
          [3, true],
        ],
      )
      assert.deepEqual(
        again.map(({ event }) => event),
        await everything(log, lobby),
      )
    },

    'edits of it are emptied too, those of other messages are not': async ({ log }) => {
      await appendAll(log, lobby, [said(ann, '1'), said(ann, '2'), editing(ann, '3', 'ann/1', 'secret')])
      await appendAll(log, lobby, [editing(ann, '4', 'ann/2', 'fine'), redacting(ann, '5', 'ann/1')])
      assert.deepEqual((await facts(log)).slice(2, 4), [
        { type: 'message.edited', message: 'ann/1', parts: [] },
        editing(ann, '4', 'ann/2', 'fine').fact,
      ])
    },

    "an agent's answer is emptied by its message": async ({ log }) => {
      await appendAll(log, lobby, [opened('m'), closed('m', 'secret'), opened('n'), closed('n', 'fine')])
      await log.append(lobby, [redacting(bob, '1', 'guide/m')])
      assert.deepEqual((await facts(log)).slice(1, 4), [
        { type: 'message.closed', message: 'm', parts: [], outcome: 'completed', redacted: true },
        opened('n').fact,
        closed('n', 'fine').fact,
      ])
    },

    'what is still being written is emptied, and what comes after it': async ({ log }) => {
      await appendAll(log, lobby, [opened('m'), opened('n'), grew('m', 'secret'), grew('n', 'fine')])
      await log.append(lobby, [redacting(bob, '1', 'guide/m')])
      assert.deepEqual(
        (await everything(log, lobby)).map(({ seq }) => seq),
        [1, 2, 4, 5],
      )
      const later = await appendAll(log, lobby, [grew('m', ' still', 6), closed('m', 'secret still')])
      assert.deepEqual(
        later.map(({ event, repeated }) => [event.seq, repeated]),
        [
          [6, false],
          [7, false],
        ],
      )
      assert.ok(!JSON.stringify([later, await everything(log, lobby)]).includes('still'))
    },

    'an edit that comes too late says nothing': async ({ log }) => {
      await appendAll(log, lobby, [said(ann, '1'), redacting(bob, '1', 'ann/1')])
      const [edit] = await log.append(lobby, [editing(ann, '2', 'ann/1', 'secret')])
      assert.deepEqual(edit?.event.fact, { type: 'message.edited', message: 'ann/1', parts: [] })
      assert.deepEqual((await everything(log, lobby))[2], edit?.event)
    },

    'only that message of that author in that room is meant': async ({ log }) => {
      await log.open(room('other'))
      await log.append(room('other'), [said(ann, '1')])
      await appendAll(log, lobby, [said(ann, '1'), said(bob, '1'), said(ann, '2'), redacting(guide, 'r', 'ann/1')])
      assert.deepEqual((await facts(log)).slice(1, 3), [said(bob, '1').fact, said(ann, '2').fact])
      assert.deepEqual((await everything(log, room('other')))[0]?.fact, said(ann, '1').fact)
    },

    'to redact what is not there removes nothing, then or later': async ({ log }) => {
      await log.append(lobby, [redacting(bob, '1', 'ann/1'), redacting(bob, '2', 'guide/m')])
      await appendAll(log, lobby, [said(ann, '1'), opened('m'), grew('m', 'x'), closed('m', 'xy')])
      assert.deepEqual((await facts(log)).slice(2), [said(ann, '1').fact, opened('m').fact, closed('m', 'xy').fact])
    },

    'what is refused redacts nothing': async ({ log }) => {
      await appendAll(log, lobby, [said(ann, '1')])
      await assert.rejects(log.append(lobby, [redacting(ann, '2', 'ann/1'), said(ann, '1', 'other')]))
      await assert.rejects(log.append(lobby, [redacting(ann, '2', 'ann/1')], 7))
      assert.deepEqual(await facts(log), [said(ann, '1').fact])
    },

    'what was redacted stays so after a close': async ({ log, reopen }) => {
      if (reopen === undefined) return
      await appendAll(log, lobby, [said(ann, '1'), opened('m'), redacting(bob, '1', 'guide/m')])
      await log.append(lobby, [redacting(bob, '2', 'ann/1')])
      const again = await reopen()
      await again.append(lobby, [closed('m', 'secret')])
      const [first] = await again.append(lobby, [said(ann, '1')])
      assert.equal(first?.repeated, true)
      const told = await again.read(lobby, undefined, ALL)
      assert.deepEqual(
        told.events.map(({ fact }) => 'redacted' in fact && fact.redacted),
        [true, false, false, false, true],
      )
    },
  })
}
