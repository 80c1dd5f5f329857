// Rules about files beside the log: no message holds one that is gone, and none stays that nobody has any more.
import assert from 'node:assert/strict'
import { ann, bob, closed, editing, file, lobby, opened, redacting, room, said, showing } from './drafts.ts'
import { appendAll, everything, type MakeLog, rulesOf } from './log-world.ts'
import { type Rule, refused } from './rule.ts'

const other = room('other')

export function fileRules(make: MakeLog): readonly Rule[] {
  return rulesOf(make, {
    'a file is found by its id, and by whose upload it was': async ({ log, clock }) => {
      const kept = await log.attach(file('f'))
      assert.deepEqual(kept, { ...file('f'), at: clock.now, held: false })
      assert.deepEqual(await log.attachment('f'), kept)
      assert.deepEqual(await log.uploaded(lobby, 'ann', 'f'), kept)
      assert.equal(await log.uploaded(lobby, 'bob', 'f'), undefined)
      assert.equal(await log.attachment('g'), undefined)
    },

    'all that is known of a file is kept': async ({ log }) => {
      const more = { width: 4, height: 3, durationMs: 1500, peaks: [0, 100, 7] }
      const { attachment } = file('f')
      await log.attach(file('f', { attachment: { ...attachment, ...more } }))
      assert.deepEqual((await log.attachment('f'))?.attachment, { ...attachment, ...more })
    },

    'the same upload is kept once, whatever comes later': async ({ log }) => {
      const first = await log.attach(file('f'))
      const again = await log.attach(file('g', { upload: 'f' }))
      assert.deepEqual(again, first)
      assert.equal(await log.attachment('g'), undefined)
    },

    'a file is of a room that is there': async ({ log }) => {
      await refused(log.attach(file('f', { room: other })), 'room.unknown')
      await refused(log.uploaded(other, 'ann', 'f'), 'room.unknown')
      await refused(log.weigh({ room: other }), 'room.unknown')
    },

    'a message may hold only files that its room knows': async ({ log }) => {
      await log.open(other)
      await log.attach(file('f'))
      await refused(log.append(lobby, [said(ann, '1'), showing(ann, '2', file('g'))]), 'attachment.unknown')
      await refused(log.append(other, [showing(ann, '1', file('f'))]), 'attachment.unknown')
      assert.deepEqual(await everything(log, lobby), [])
      const [posted] = await log.append(lobby, [showing(ann, '1', file('f'))])
      assert.deepEqual(posted?.event.fact, showing(ann, '1', file('f')).fact)
      assert.equal((await log.attachment('f'))?.held, true)
    },

    'what is said again is a repeat also when its file is gone': async ({ log }) => {
      await log.attach(file('f'))
      await appendAll(log, lobby, [showing(ann, '1', file('f')), redacting(ann, '2', 'ann/1')])
      assert.equal(await log.attachment('f'), undefined)
      const [again] = await log.append(lobby, [showing(ann, '1', file('f'))])
      assert.equal(again?.repeated, true)
    },

    'a file goes with the last message that held it': async ({ log }) => {
      await log.attach(file('f'))
      await appendAll(log, lobby, [showing(ann, '1', file('f'), file('f')), showing(ann, '2', file('f'))])
      await log.append(lobby, [redacting(ann, '3', 'ann/1')])
      assert.equal((await log.attachment('f'))?.held, true)
      await log.append(lobby, [redacting(ann, '4', 'ann/2')])
      assert.equal(await log.attachment('f'), undefined)
      assert.deepEqual(await log.loose(10), ['content of f'])
    },

    "edits and agents' messages hold files as well": async ({ log }) => {
      for (const name of ['f', 'g']) await log.attach(file(name))
      const parts = [{ type: 'file', attachment: file('f').attachment }] as const
      const edit = { by: ann, id: '2', fact: { type: 'message.edited', message: 'ann/1', parts } } as const
      await appendAll(log, lobby, [said(ann, '1'), edit, opened('m')])
      const shown = [{ type: 'image', attachment: file('g').attachment }] as const
      const end = closed('m', '')
      await log.append(lobby, [{ ...end, fact: { ...end.fact, parts: shown } as typeof end.fact }])
      assert.deepEqual([(await log.attachment('f'))?.held, (await log.attachment('g'))?.held], [true, true])
      await log.append(lobby, [redacting(bob, '3', 'ann/1'), redacting(bob, '4', 'guide/m')])
      assert.deepEqual([await log.attachment('f'), await log.attachment('g')], [undefined, undefined])
    },

    'an edit does not let go of what was said before': async ({ log }) => {
      await log.attach(file('f'))
      await appendAll(log, lobby, [showing(ann, '1', file('f')), editing(ann, '2', 'ann/1', 'words')])
      assert.equal((await log.attachment('f'))?.held, true)
    },

    'what comes after a message was removed holds nothing': async ({ log }) => {
      await log.attach(file('f'))
      await appendAll(log, lobby, [opened('m'), redacting(bob, '1', 'guide/m')])
      const end = closed('m', '')
      const parts = [{ type: 'file', attachment: file('f').attachment }] as const
      await log.append(lobby, [{ ...end, fact: { ...end.fact, parts } as typeof end.fact }])
      assert.equal((await log.attachment('f'))?.held, false)
    },

    'retention takes files with their messages': async ({ log }) => {
      for (const name of ['f', 'g']) await log.attach(file(name))
      await appendAll(log, lobby, [
        showing(ann, '1', file('f')),
        showing(ann, '2', file('f'), file('g')),
        said(ann, '3'),
      ])
      await log.trim(lobby, 1)
      assert.equal((await log.attachment('f'))?.held, true)
      await log.trim(lobby, 2)
      assert.deepEqual([await log.attachment('f'), await log.attachment('g')], [undefined, undefined])
      assert.deepEqual((await log.loose(10)).toSorted(), ['content of f', 'content of g'])
    },

    'what nobody posted is discarded after its time, oldest first': async ({ log, clock }) => {
      for (const name of ['f', 'g', 'h', 'i']) {
        await log.attach(file(name))
        clock.now += 10
      }
      await log.append(lobby, [showing(ann, '1', file('f'))])
      assert.equal(await log.discard(clock.now - 10, 1), 1)
      assert.equal(await log.attachment('g'), undefined)
      assert.equal(await log.discard(clock.now - 10, 5), 1)
      assert.deepEqual(
        [(await log.attachment('f'))?.held, await log.attachment('h'), (await log.attachment('i'))?.held],
        [true, undefined, false],
      )
    },

    'a content is loose when its last file is gone, until it was dropped or has a file again': async ({
      log,
      clock,
    }) => {
      const { attachment } = file('f')
      await log.attach(file('f'))
      await log.attach(file('g', { attachment: { ...attachment, id: 'g' } }))
      await log.append(lobby, [showing(ann, '1', file('f'))])
      assert.equal(await log.discard(clock.now + 1, 5), 1)
      assert.deepEqual([await log.holds('content of f'), await log.loose(5)], [true, []])
      await log.append(lobby, [redacting(ann, '2', 'ann/1')])
      assert.deepEqual([await log.holds('content of f'), await log.loose(5)], [false, ['content of f']])
      await log.attach(file('h', { attachment: { ...attachment, id: 'h' } }))
      assert.deepEqual(await log.loose(5), [])
      await log.discard(clock.now + 1, 5)
      await log.dropped(['content of f', 'content of nothing'])
      assert.deepEqual(await log.loose(5), [])
    },

    'files weigh by owner and by room': async ({ log }) => {
      await log.open(other)
      assert.equal(await log.weigh({ owner: 'ann' }), 0)
      await log.attach(file('f'))
      await log.attach(file('g', { owner: 'bob' }))
      await log.attach(file('h', { room: other }))
      assert.deepEqual(
        [await log.weigh({ owner: 'ann' }), await log.weigh({ room: lobby }), await log.weigh({ room: other })],
        [20, 20, 10],
      )
    },

    'files and what holds them outlive a close': async ({ log, reopen }) => {
      await log.attach(file('f'))
      await log.append(lobby, [showing(ann, '1', file('f'))])
      const kept = await log.attachment('f')
      const again = await reopen?.()
      if (again !== undefined) assert.deepEqual(await again.attachment('f'), kept)
    },

    'a file is found by its name': async ({ log }) => {
      await log.attach(file('report'))
      await log.append(lobby, [showing(ann, '1', file('report'))])
      const [found] = await log.search(['report'], lobby, 5)
      assert.equal(found?.event.id, '1')
    },
  })
}
