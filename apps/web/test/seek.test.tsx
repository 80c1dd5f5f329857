// @vitest-environment happy-dom
import type { RoomPicture } from '@parley/client'
import { emptyTimeline, type Message, roomId } from '@parley/protocol'
import { act, cleanup, renderHook, waitFor } from '@testing-library/react'
import { createRef } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { useLeftOff } from '../src/conversation/use-left-off.ts'
import { useSeek } from '../src/conversation/use-seek.ts'

const room = roomId('team')
if (room === undefined) throw new Error('not a room')
const blank: RoomPicture = {
  ...emptyTimeline(room),
  progress: new Map(),
  pending: [],
  joined: true,
  loadingOlder: false,
  members: new Map(),
  count: 0,
  typing: [],
  reads: new Map(),
}

function said(seq: number, more: Partial<Message> = {}): Message {
  const by = { id: 'ann', kind: 'user' } as const
  return { key: `ann/${seq}`, id: `${seq}`, by, at: 0, seq, parts: [], state: 'completed', ...more }
}

/** A room of `head` messages, of which those after `start` are loaded. */
function pictureFrom(start: number, head: number): RoomPicture {
  const messages = Array.from({ length: head - start }, (_, index) => said(start + index + 1))
  return { ...blank, position: { epoch: 'e', seq: head }, start, earlier: start > 0, messages }
}

/** A page that shows what is loaded, and loads ten more at a time. */
function stage(picture: RoomPicture) {
  const scroller = createRef<HTMLDivElement>()
  scroller.current = document.createElement('div')
  document.body.append(scroller.current)
  const [onAway, onEnd, onOlder] = [vi.fn(), vi.fn(), vi.fn(async () => true)]
  function draw({ messages }: RoomPicture): void {
    scroller.current?.replaceChildren(
      ...messages.map(({ key }) => {
        const line = document.createElement('article')
        line.dataset.key = key
        return line
      }),
    )
  }
  draw(picture)
  const { result, rerender } = renderHook(
    (picture: RoomPicture) => useSeek({ picture, scroller, onAway, onOlder, onEnd }),
    { initialProps: picture },
  )
  return {
    seek: result,
    onAway,
    onEnd,
    onOlder,
    become(next: RoomPicture) {
      draw(next)
      rerender(next)
    },
  }
}

const focused = () => (document.activeElement instanceof HTMLElement ? document.activeElement.dataset.key : undefined)

afterEach(() => {
  cleanup()
  document.body.replaceChildren()
})

test('a message that is loaded is shown at once, and nothing is asked for', () => {
  const { seek, onAway, onEnd, onOlder } = stage(pictureFrom(0, 20))
  act(() => seek.current({ message: 'ann/5' }))
  expect([focused(), onEnd.mock.calls]).toEqual(['ann/5', [[true]]])
  expect([onAway.mock.calls.length, onOlder.mock.calls.length]).toEqual([1, 0])
})

test('history is loaded until the message is there', () => {
  const { seek, onEnd, onOlder, become } = stage(pictureFrom(30, 40))
  act(() => seek.current({ message: 'ann/15', seq: 15 }))
  become(pictureFrom(20, 40))
  expect(onEnd).not.toHaveBeenCalled()
  become(pictureFrom(10, 40))
  expect([focused(), onEnd.mock.calls, onOlder.mock.calls.length]).toEqual(['ann/15', [[true]], 2])
  become(pictureFrom(0, 40))
  expect(onOlder).toHaveBeenCalledTimes(2)
})

test('a room that is not heard yet is waited for', () => {
  const { seek, onEnd, become } = stage(blank)
  act(() => seek.current({ message: 'ann/2', seq: 2 }))
  expect(onEnd).not.toHaveBeenCalled()
  become(pictureFrom(0, 3))
  expect([focused(), onEnd.mock.calls]).toEqual(['ann/2', [[true]]])
})

test('what is not there where it should be is not sought further back', () => {
  const { seek, onEnd, onOlder } = stage(pictureFrom(30, 40))
  act(() => seek.current({ message: 'bob/35', seq: 35 }))
  expect([onEnd.mock.calls, onOlder.mock.calls]).toEqual([[[false]], []])
})

test('nobody loads a long history to its beginning', () => {
  const { seek, onEnd, onOlder, become } = stage(pictureFrom(900, 910))
  act(() => seek.current({ message: 'ann/1' }))
  for (let start = 890; start >= 0 && onEnd.mock.calls.length === 0; start -= 10) become(pictureFrom(start, 910))
  expect(onEnd.mock.calls).toEqual([[false]])
  expect(onOlder.mock.calls.length).toBeLessThan(50)
})

test('what was said better leads to what stands for it', () => {
  const old = said(2, { supersededBy: 'ann/4' })
  const picture = pictureFrom(0, 5)
  const { seek } = stage({
    ...picture,
    messages: picture.messages.with(1, old),
    superseded: new Map([['ann/2', 'ann/4']]),
  })
  act(() => seek.current({ message: 'ann/2', seq: 2 }))
  expect(focused()).toBe('ann/4')
})

test('history that cannot be loaded ends the search for it', async () => {
  const { seek, onOlder, become } = stage(pictureFrom(30, 40))
  onOlder.mockRejectedValueOnce(new Error('lost'))
  await act(async () => seek.current({ message: 'ann/5' }))
  become(pictureFrom(20, 40))
  await waitFor(() => expect(onOlder).toHaveBeenCalledTimes(1))
})

test('where one left off is where one had read when one came, until one has caught up', () => {
  const { result, rerender } = renderHook((read: number | undefined) => useLeftOff(read), {
    initialProps: undefined as number | undefined,
  })
  expect(result.current.since).toBeUndefined()
  rerender(7)
  rerender(9)
  expect(result.current.since).toBe(7)
  act(() => result.current.caughtUp())
  expect(result.current.since).toBeUndefined()
})

test('whoever has read nothing before and reads on finds no line', () => {
  const { result, rerender } = renderHook((read: number | undefined) => useLeftOff(read), {
    initialProps: undefined as number | undefined,
  })
  act(() => result.current.readsOn())
  rerender(7)
  expect(result.current.since).toBeUndefined()
})

test('who looks away leaves off there', () => {
  const { result } = renderHook(() => useLeftOff(9))
  act(() => result.current.caughtUp())
  const hidden = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
  act(() => void document.dispatchEvent(new Event('visibilitychange')))
  hidden.mockRestore()
  expect(result.current.since).toBe(9)
})
