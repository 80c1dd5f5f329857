import { problem } from '@parley/protocol'
import { expect, test } from 'vitest'
import { world } from './world.ts'

const file = { id: 'f' }
const url = (link: number, more = ''): string => `http://parley.test/api/attachments/f?link=${link}${more}`

/** A client that is connected, and how long its answers take. */
async function online() {
  const made = world()
  await made.time.pass()
  const ask = async (options?: Parameters<typeof made.client.urlOf>[1]): Promise<string> => {
    const [asked] = await Promise.all([made.client.urlOf(file, options), made.time.pass()])
    return asked
  }
  return { ...made, ask }
}

test('[B9] a link is shared by all who ask, until it is about to end', async () => {
  const { time, server, client, ask } = await online()
  const both = Promise.all([client.urlOf(file), client.urlOf(file, { thumbnail: true })])
  await time.pass()
  expect(await both).toEqual([url(1), url(1, '&thumbnail')])
  await time.pass(200_000)
  expect(await ask()).toBe(url(1))
  await time.pass(60_000)
  expect(await ask()).toBe(url(2))
  expect(server.heard('link')).toHaveLength(2)
})

test('a link that does not work is replaced by a fresh one', async () => {
  const { ask } = await online()
  expect([await ask(), await ask({ fresh: true }), await ask()]).toEqual([url(1), url(2), url(2)])
})

test('a clock that goes wrong makes no link good for longer', async () => {
  const { time, server, ask } = await online()
  server.linkMs = 3_600_000
  expect(await ask()).toBe(url(1))
  await time.pass(250_000)
  expect(await ask()).toBe(url(2))
})

test('who watches a URL hears of the next one before it ends, and of nothing once they stop', async () => {
  const { time, client, server } = await online()
  const seen: (string | undefined)[] = []
  const stop = client.watchUrl(file, (one) => seen.push(one))
  await time.pass(230_000)
  expect(seen).toEqual([url(1)])
  await time.pass(60_000)
  expect(seen).toEqual([url(1), url(2)])
  stop()
  await time.pass(600_000)
  expect([seen.length, server.heard('link').length]).toEqual([2, 2])
})

test('a clock that goes wrong does not have links asked for all the time', async () => {
  const { time, client, server } = await online()
  server.linkMs = -600_000
  const stop = client.watchUrl(file, () => {})
  await time.pass(60_000)
  stop()
  expect(server.heard('link').length).toBeLessThan(4)
})

test('a file that one may not have has no URL; what may pass is asked again', async () => {
  const { time, client, server } = await online()
  server.decide = ({ type }) => (type === 'link' ? problem('rate.exceeded', 'slower') : undefined)
  const seen: (string | undefined)[] = []
  const stop = client.watchUrl(file, (one) => seen.push(one))
  await time.pass()
  server.decide = () => undefined
  await time.pass(31_000)
  expect(seen).toEqual([undefined, url(1)])
  server.decide = ({ type }) => (type === 'link' ? problem('attachment.unknown', 'gone') : undefined)
  await time.pass(600_000)
  expect([seen, server.heard('link').length]).toEqual([[undefined, url(1), undefined], 3])
  stop()
})

test('a link that is asked for while there is no connection comes when there is one', async () => {
  const { time, client, server } = await online()
  server.wire.end()
  await time.pass(1)
  const seen: (string | undefined)[] = []
  const stop = client.watchUrl(file, (one) => seen.push(one))
  await time.pass(5_000)
  expect(seen).toEqual([url(1)])
  stop()
  await Promise.all([client.close(), time.pass()])
  expect(time.timers).toBe(0)
})
