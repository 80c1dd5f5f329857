// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { useRef } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { useDrop } from '../src/files/use-drop.ts'
import { file } from './files.tsx'

function Place({ take }: { readonly take: ((files: readonly File[]) => void) | undefined }) {
  const place = useRef<HTMLDivElement>(null)
  const over = useDrop(place, take)
  return (
    <>
      <div ref={place} data-testid="place">
        <p>inside</p>
        {over && <p>Drop it</p>}
      </div>
      <p>beside</p>
    </>
  )
}

const place = () => screen.getByTestId('place')
const zone = () => screen.queryByText('Drop it')

/** What is dragged: files, and folders by their names. */
function dragged(files: readonly File[], folders: readonly string[] = []) {
  const all = [...files, ...folders.map((name) => file(name))]
  const items = all.map((one) => ({
    kind: 'file',
    getAsFile: () => one,
    webkitGetAsEntry: () => ({ isDirectory: folders.includes(one.name) }),
  }))
  return { dataTransfer: { types: ['Files'], files: all, items, dropEffect: '' } }
}

/** The files go on to somewhere else. */
function leave(relatedTarget: Element | null): void {
  act(() => void place().dispatchEvent(Object.assign(new Event('dragleave'), { relatedTarget })))
}

afterEach(cleanup)

test('files that hover show where they can be dropped, until they leave or are dropped', () => {
  const take = vi.fn()
  render(<Place take={take} />)
  const files = [file('a.pdf'), file('b.pdf')]
  expect(fireEvent.dragEnter(place(), dragged([]))).toBe(false)
  expect(zone()).not.toBeNull()
  leave(screen.getByText('inside'))
  expect(zone()).not.toBeNull()
  leave(null)
  expect(zone()).toBeNull()
  fireEvent.dragOver(place(), dragged([]))
  expect(fireEvent.drop(screen.getByText('inside'), dragged(files, ['folder']))).toBe(false)
  expect([zone(), take.mock.calls]).toEqual([null, [[files]]])
})

test('what is no file is none of its business', () => {
  const take = vi.fn()
  render(<Place take={take} />)
  const text = { dataTransfer: { types: ['text/plain'], files: [], items: [] } }
  expect([fireEvent.dragOver(place(), text), fireEvent.drop(place(), text)]).toEqual([true, true])
  expect([zone(), take.mock.calls]).toEqual([null, []])
})

test('a file that misses its place, or finds it closed, does not take the place of the page', () => {
  const take = vi.fn()
  const { rerender } = render(<Place take={take} />)
  expect(fireEvent.drop(screen.getByText('beside'), dragged([file('a.pdf')]))).toBe(false)
  rerender(<Place take={undefined} />)
  expect(fireEvent.dragOver(place(), dragged([]))).toBe(false)
  expect(fireEvent.drop(place(), dragged([file('a.pdf')]))).toBe(false)
  expect([zone(), take.mock.calls]).toEqual([null, []])
})
