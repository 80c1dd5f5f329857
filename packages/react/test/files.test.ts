// @vitest-environment happy-dom
import { memoryOutbox } from '@parley/client'
import { act, cleanup, renderHook } from '@testing-library/react'
import { createElement, type ReactNode } from 'react'
import { renderToString } from 'react-dom/server'
import { afterEach, expect, test } from 'vitest'
import { world } from '../../client/test/world.ts'
import { ParleyProvider, useFileUrl, useMessages, useUpload } from '../src/index.ts'

afterEach(cleanup)

function stage() {
  const made = world({ outbox: memoryOutbox() })
  const wrapper = ({ children }: { children: ReactNode }) =>
    createElement(ParleyProvider, { client: made.client }, children)
  return { ...made, wrapper, pass: (ms?: number) => act(() => made.time.pass(ms)) }
}

test('a file that is added is uploaded, shows how far it has come, and is posted', async () => {
  const { wrapper, pass, server } = stage()
  const { result } = renderHook(() => ({ ...useUpload('lobby'), ...useMessages('lobby') }), { wrapper })
  server.takes = 4_096
  await act(async () => result.current.add([new File(['x'.repeat(6_000)], 'a.txt')]))
  await pass(100)
  expect(result.current.uploads).toMatchObject([{ name: 'a.txt', size: 6_000, sent: 5_000, state: 'uploading' }])
  server.takes = Number.POSITIVE_INFINITY
  server.wire.end()
  await pass(5_000)
  expect(result.current.uploads).toMatchObject([{ state: 'done', part: { attachment: { name: 'a.txt' } } }])
  await act(async () => void result.current.post(result.current.take()))
  await pass(100)
  expect(result.current.uploads).toEqual([])
  expect(result.current.messages).toMatchObject([{ parts: [{ attachment: { name: 'a.txt', size: 6_000 } }] }])
})

test('what was chosen is still there for the next component, and its functions are the same', async () => {
  const { wrapper, pass, server } = stage()
  const first = renderHook(() => useUpload('lobby'), { wrapper })
  server.decide = ({ type }) => (type === 'upload' ? 'silence' : undefined)
  await act(async () => first.result.current.add([new File(['x'], 'a.txt')]))
  await pass()
  const { add, retry, remove } = first.result.current
  first.unmount()
  const { result } = renderHook(() => useUpload('lobby'), { wrapper })
  expect(result.current).toMatchObject({ uploads: [{ name: 'a.txt' }], add, retry, remove })
  await act(async () => remove(result.current.uploads[0]?.id ?? ''))
  expect(result.current.uploads).toEqual([])
})

test('a file has a URL, which is another before the first one ends, and is asked for once by all', async () => {
  const { wrapper, pass, server } = stage()
  const seen = renderHook(
    () => [useFileUrl({ id: 'f' }), useFileUrl({ id: 'f' }, { thumbnail: true }), useFileUrl(undefined)],
    { wrapper },
  )
  expect(seen.result.current).toEqual([undefined, undefined, undefined])
  await pass()
  const of = (link: number, more = '') => `http://parley.test/api/attachments/f?link=${link}${more}`
  expect(seen.result.current).toEqual([of(1), of(1, '&thumbnail'), undefined])
  await pass(250_000)
  expect(seen.result.current).toEqual([of(2), of(2, '&thumbnail'), undefined])
  expect(server.heard('link')).toHaveLength(2)
})

test('another file is never shown under the URL of the one before', async () => {
  const { wrapper, pass } = stage()
  const urls: (string | undefined)[] = []
  const { rerender } = renderHook(
    ({ id }) => {
      const url = useFileUrl({ id })
      urls.push(`${id}: ${url === undefined ? 'none' : new URL(url).pathname}`)
    },
    { wrapper, initialProps: { id: 'a' } },
  )
  await pass()
  rerender({ id: 'b' })
  await pass()
  expect([...new Set(urls)]).toEqual(['a: none', 'a: /api/attachments/a', 'b: none', 'b: /api/attachments/b'])
})

test('on a server nothing is chosen and nothing has a URL', () => {
  const { client } = world({ lazy: true })
  function Files() {
    return `${useUpload('lobby').uploads.length} ${useFileUrl({ id: 'f' })}`
  }
  expect(renderToString(createElement(ParleyProvider, { client }, createElement(Files)))).toBe('0 undefined')
})
