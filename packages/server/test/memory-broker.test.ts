// The broker in memory holds to the contract of brokers, and bears listeners that fail.
import { roomId } from '@parley/protocol'
import { expect, test } from 'vitest'
import { brokerContract } from '../../testing/src/contracts/broker.ts'
import { memoryBroker } from '../src/adapters/memory-broker.ts'

for (const { name, run } of brokerContract(async () => {
  const hub = memoryBroker({ soon: (deliver) => void setImmediate(deliver) })
  return { node: async () => hub.node(), done: async () => {} }
}))
  test(name, run)

const lobby = roomId('lobby') ?? expect.fail('a room id')

function world() {
  const turns: (() => void)[] = []
  const hub = memoryBroker({ soon: (run) => void turns.push(run) })
  const settle = (): unknown[] => {
    const thrown: unknown[] = []
    for (let turn = turns.shift(); turn !== undefined; turn = turns.shift()) {
      try {
        turn()
      } catch (error) {
        thrown.push(error)
      }
    }
    return thrown
  }
  return { hub, settle }
}

const news = { epoch: 'epoch', events: [] }

test('a listener that throws keeps nobody else from hearing', () => {
  const { hub, settle } = world()
  const [one, two] = [hub.node(), hub.node()]
  const heard: string[] = []
  two.listen(lobby, () => {
    throw new Error('deaf')
  })
  two.listen(lobby, () => heard.push('second'))
  one.announce(lobby, news)
  expect(settle()).toEqual([new Error('deaf')])
  expect(heard).toEqual(['second'])
})

test('whoever stops between the announcement and its arrival hears nothing', () => {
  const { hub, settle } = world()
  const [one, two] = [hub.node(), hub.node()]
  const heard: string[] = []
  const stop = two.listen(lobby, () => heard.push('stopped'))
  two.listen(lobby, () => heard.push('listening'))
  one.announce(lobby, news)
  stop()
  settle()
  expect(heard).toEqual(['listening'])
  one.announce(lobby, news)
  void two.close()
  settle()
  expect(heard).toEqual(['listening'])
})
