// A process that appends to a log until it is killed, and says what was acknowledged: a line of JSON for each.
import { ann, closed, grew, lobby, opened, said } from '../../../testing/src/contracts/drafts.ts'
import { sqliteLog } from '../../src/adapters/sqlite-log.ts'
import type { Draft } from '../../src/seams/log.ts'

const [, , folder = '', durability = 'full', round = '0'] = process.argv

const log = await sqliteLog({
  folder,
  durability: durability === 'full' ? 'full' : 'normal',
  now: Date.now,
  uuid: () => crypto.randomUUID(),
  journal: { info() {}, warn() {}, error: console.error },
})
await log.open(lobby)
process.stdout.write('"open"\n')

async function append(drafts: readonly Draft[]): Promise<void> {
  for (const { event } of await log.append(lobby, drafts))
    if (event.id !== undefined) process.stdout.write(`${JSON.stringify([event.by.id, event.id, event.seq])}\n`)
}

async function talk(person: number): Promise<never> {
  for (let number = 0; ; number += 1) {
    const name = `${round}-${person}-${number}`
    if (person > 0) await append([said(ann, name)])
    else {
      await append([opened(name)])
      for (let from = 0; from < 5; from += 1) await append([grew(name, 'x', from), said(ann, `${name}-${from}`)])
      await append([closed(name, 'xxxxx')])
    }
  }
}

await Promise.all(Array.from({ length: 20 }, (_, person) => talk(person)))
