// @vitest-environment happy-dom
import type { Author, Message, Run } from '@parley/protocol'
import { act, cleanup, renderHook, waitFor } from '@testing-library/react'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { running } from '../src/conversation/entries.ts'
import { useSteering } from '../src/conversation/use-steering.ts'

const claude: Author = { id: 'claude', kind: 'agent' }

function answerIn(run: string, words: string): Message {
  const parts = words === '' ? [] : [{ type: 'text', text: words } as const]
  return { key: `claude/${run}`, id: run, by: claude, at: 0, seq: 1, parts, state: 'streaming', run }
}

function steering(begun: readonly Run[], messages: readonly Message[] = []) {
  const at = (runs: readonly Run[]) => ({ messages, runs: new Map(runs.map((run) => [run.id, run])) })
  return renderHook((picture: ReturnType<typeof at>) => useSteering(picture, running(picture.runs)), {
    initialProps: at(begun),
  })
}

const first: Run = { id: 'r1', agent: claude, cause: 'ada/1', state: 'running' }
const second: Run = { id: 'r2', agent: claude, cause: 'ada/2', state: 'running' }

beforeAll(() => {
  vi.stubGlobal('fetch', async () => Response.json({ agent: { id: 'claude', name: 'Claude', steers: true } }))
})

afterAll(() => vi.unstubAllGlobals())

afterEach(cleanup)

test('a message goes to the answer being written once that was chosen, and only then', async () => {
  const { result } = steering([first, second], [answerIn('r1', 'Half an answ'), answerIn('r2', '')])
  await waitFor(() => expect(result.current.on).toBe(false))
  expect(result.current.how).toEqual({})
  act(() => result.current.turn(true))
  expect([result.current.on, result.current.how]).toEqual([true, { steers: 'r1' }])
  act(() => result.current.turn(false))
  expect(result.current.how).toEqual({})
})

test.each([
  ['when nobody is at work', []],
  ['when the answer is being stopped', [{ ...first, state: 'cancelling' } as const]],
  ['when another agent is at work', [{ ...first, agent: { ...claude, id: 'other' } }]],
])('nobody is steered %s', async (_, runs) => {
  const { result, rerender } = steering([first])
  await waitFor(() => expect(result.current.on).toBe(false))
  rerender({ messages: [], runs: new Map(runs.map((run) => [run.id, run])) })
  expect(result.current.on).toBeUndefined()
})
