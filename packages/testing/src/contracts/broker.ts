// The contract of a broker: what every adapter must hold to while nothing is broken between its nodes.
import assert from 'node:assert/strict'
import type { RoomId } from '@parley/protocol'
import type { Broker, News } from '@parley/server'
import { ann, lobby, room } from './drafts.ts'
import type { Rule } from './rule.ts'

export interface BrokersUnderTest {
  /** A broker for one more node among those that hear each other. */
  node(): Promise<Broker>
  /** Lets go of all that was made. */
  done(): Promise<void>
}

/**
 * The rules of a broker. `make` is called for each rule. Rumours may be lost by their nature; these rules hold where
 * the network is whole.
 */
export function brokerContract(make: () => Promise<BrokersUnderTest>): readonly Rule[] {
  return Object.entries(stories).map(([name, story]) => ({
    name,
    async run() {
      const { node, done } = await make()
      try {
        await story(await node(), await node(), await node())
      } finally {
        await done()
      }
    },
  }))
}

const stories: Readonly<Record<string, (one: Broker, two: Broker, three: Broker) => Promise<void>>> = {
  'all other nodes hear what one announces, in order': async (one, two, three) => {
    const ears = [new Ear(two, lobby), new Ear(three, lobby)]
    await ready(one, two, three)
    for (const number of [1, 2, 3]) one.announce(lobby, news(number))
    for (const ear of ears) assert.deepEqual(await ear.first(3), [news(1), news(2), news(3)])
  },

  'signals travel like news': async (one, two) => {
    const ear = new Ear(two, lobby)
    await ready(one, two)
    const signals = [{ type: 'tool.progress', run: 'r', call: 'c', fraction: 0.5 }] as const
    one.announce(lobby, { epoch: 'e', events: [], signals })
    assert.deepEqual(await ear.first(1), [{ epoch: 'e', events: [], signals }])
  },

  'who is here travels like news': async (one, two) => {
    const ear = new Ear(two, lobby)
    await ready(one, two)
    const attendance = { node: 'n', number: 1, members: [{ user: ann, since: 7, state: { mood: 'ü' } }] }
    one.announce(lobby, { epoch: 'e', events: [], attendance })
    assert.deepEqual(await ear.first(1), [{ epoch: 'e', events: [], attendance }])
  },

  'nobody hears themselves': async (one, two) => {
    const own = new Ear(one, lobby)
    await ready(one, two)
    one.announce(lobby, news(1))
    two.announce(lobby, news(2))
    assert.deepEqual(await own.first(1), [news(2)])
  },

  'news is never heard within the announcement': async (one, two) => {
    const ear = new Ear(two, lobby)
    await ready(one, two)
    one.announce(lobby, news(1))
    assert.deepEqual(ear.heard, [])
    await ear.first(1)
  },

  'rooms are kept apart': async (one, two) => {
    const names = ['a', 'a:b', 'a*', 'A', '*', '#', '$SYS', 'a.b', 'a+'].map(room)
    const ears = names.map((name) => new Ear(two, name))
    await ready(one, two)
    for (const [index, name] of names.entries()) one.announce(name, news(index + 1))
    for (const [index, ear] of ears.entries()) assert.deepEqual(await ear.first(1), [news(index + 1)])
    await ready(one, two)
    assert.ok(ears.every(({ heard }) => heard.length === 1))
  },

  'whoever stopped listening hears no more, and only they': async (one, two) => {
    const ears = [new Ear(two, lobby), new Ear(two, lobby)] as const
    await ready(one, two)
    one.announce(lobby, news(1))
    for (const ear of ears) await ear.first(1)
    ears[0].stop()
    ears[0].stop()
    one.announce(lobby, news(2))
    assert.deepEqual(await ears[1].first(2), [news(1), news(2)])
    assert.deepEqual(ears[0].heard, [news(1)])
  },

  'a node that closed neither hears nor is heard': async (one, two, three) => {
    const [closing, staying] = [new Ear(two, lobby), new Ear(three, lobby)]
    await ready(one, two, three)
    await two.close()
    two.announce(lobby, news(1))
    one.announce(lobby, news(2))
    assert.deepEqual(await staying.first(1), [news(2)])
    assert.deepEqual(closing.heard, [])
    await two.close()
  },

  'a node may listen again later': async (one, two) => {
    new Ear(two, lobby).stop()
    const ear = new Ear(two, lobby)
    await ready(one, two)
    one.announce(lobby, news(1))
    assert.deepEqual(await ear.first(1), [news(1)])
  },
}

function news(seq: number): News {
  const fact = { type: 'message.posted', parts: [{ type: 'text', text: `ü ${seq}` }] } as const
  return { epoch: 'epoch', events: [{ seq, at: 1_700_000_000_000, by: ann, id: `${seq}`, fact }] }
}

/** Somebody who listens and remembers. */
class Ear {
  readonly heard: News[] = []
  readonly stop: () => void
  #expected = 0
  #arrived = Promise.withResolvers<void>()

  constructor(broker: Broker, where: RoomId) {
    this.stop = broker.listen(where, (rumour) => {
      this.heard.push(rumour)
      if (this.heard.length >= this.#expected) this.#arrived.resolve()
    })
  }

  /** The news so far, once it is so much. */
  async first(expected: number): Promise<readonly News[]> {
    this.#expected = expected
    this.#arrived = Promise.withResolvers()
    if (this.heard.length < expected) await this.#arrived.promise
    return this.heard
  }
}

/** Once all nodes hear each other; what was announced before has arrived by then. */
async function ready(...brokers: readonly Broker[]): Promise<void> {
  for (const teller of brokers)
    for (const hearer of brokers.filter((broker) => broker !== teller)) await heardBy(teller, hearer)
}

async function heardBy(teller: Broker, hearer: Broker): Promise<void> {
  const ear = new Ear(hearer, room('ready'))
  // A node may take a moment until it listens: what is announced meanwhile may be lost.
  const again = setInterval(() => teller.announce(room('ready'), news(1)), 10)
  teller.announce(room('ready'), news(1))
  await ear.first(1)
  clearInterval(again)
  ear.stop()
}
