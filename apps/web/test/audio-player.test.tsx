// @vitest-environment happy-dom
import type { Attachment } from '@parley/protocol'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { AudioPlayer } from '../src/files/audio-player.tsx'
import { attachmentOf, stage } from './files.tsx'

const sound = (name: string, more: Partial<Attachment> = {}): Attachment =>
  attachmentOf(name, { mediaType: 'audio/wav', durationMs: 60_000, peaks: [0, 50, 100, 20], ...more })

const settled = () => act(async () => void (await new Promise((resolve) => setTimeout(resolve))))
const button = (name: string) => screen.getByRole('button', { name })
const position = () => screen.getByRole('slider', { name: 'Position in a.wav' })
const audio = (at = 0) => [...document.querySelectorAll('audio')][at] ?? new Audio()

beforeEach(() => {
  vi.spyOn(HTMLMediaElement.prototype, 'canPlayType').mockReturnValue('maybe')
})

afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

function play(...sounds: readonly Attachment[]) {
  const made = stage()
  render(made.within(sounds.map((one) => <AudioPlayer key={one.id} sound={one} />)))
  return made
}

test('nothing of a sound is asked for before somebody wants to hear it', async () => {
  const { urlOf } = play(sound('a.wav'))
  await settled()
  expect([urlOf.mock.calls, audio().getAttribute('src')]).toEqual([[], null])
  expect(screen.getByText('0:00 / 1:00')).toBeTruthy()
  fireEvent.click(button('Play a.wav'))
  expect(button('Pause a.wav')).toBeTruthy()
  await settled()
  expect([audio().getAttribute('src'), audio().paused]).toEqual(['/files/id-a.wav?1', false])
  fireEvent.click(button('Pause a.wav'))
  expect([audio().paused, button('Play a.wav')]).toHaveLength(2)
})

test('only one sound is heard at a time', async () => {
  play(sound('a.wav'), sound('b.wav'))
  fireEvent.click(button('Play a.wav'))
  await settled()
  fireEvent.click(button('Play b.wav'))
  await settled()
  expect([audio(0).paused, audio(1).paused]).toEqual([true, false])
  expect(button('Play a.wav')).toBeTruthy()
})

test.each([
  ['ArrowRight', 35],
  ['ArrowLeft', 25],
  ['PageUp', 45],
  ['PageDown', 15],
  ['Home', 0],
  ['End', 60],
])('%s leads from the middle to second %i', (key, second) => {
  play(sound('a.wav'))
  for (let step = 0; step < 6; step += 1) fireEvent.keyDown(position(), { key: 'ArrowRight' })
  expect(position().getAttribute('aria-valuetext')).toBe('0:30 of 1:00')
  fireEvent.keyDown(position(), { key })
  expect(position().getAttribute('aria-valuenow')).toBe(`${second}`)
})

test('it is played from where one has pointed', async () => {
  play(sound('a.wav'))
  position().setPointerCapture = () => {}
  vi.spyOn(position(), 'getBoundingClientRect').mockReturnValue(new DOMRect(100, 0, 200, 20))
  fireEvent.pointerDown(position(), { clientX: 150 })
  expect(position().getAttribute('aria-valuenow')).toBe('15')
  fireEvent.click(button('Play a.wav'))
  await settled()
  fireEvent.loadedMetadata(audio())
  expect(audio().currentTime).toBe(15)
})

test('a link that ends on the way is replaced, and the sound goes on where it was', async () => {
  const { urlOf } = play(sound('a.wav'))
  fireEvent.click(button('Play a.wav'))
  await settled()
  for (const [links, second] of [
    [2, 20],
    [3, 40],
  ] as const) {
    audio().currentTime = second
    fireEvent.timeUpdate(audio())
    fireEvent.error(audio())
    await settled()
    expect([audio().getAttribute('src'), audio().paused]).toEqual([`/files/id-a.wav?${links}`, false])
    audio().currentTime = 0
    fireEvent.loadedMetadata(audio())
    expect(audio().currentTime).toBe(second)
  }
  expect(urlOf.mock.calls.map(([, options]) => options?.fresh)).toEqual([false, true, true])
})

test('a sound that gets stuck in one place is not asked for again and again', async () => {
  play(sound('a.wav'))
  fireEvent.click(button('Play a.wav'))
  await settled()
  fireEvent.error(audio())
  await settled()
  fireEvent.error(audio())
  await settled()
  expect([screen.getByText('Could not be loaded'), button('Save a.wav')]).toHaveLength(2)
})

test('a sound of which nothing more is known has a plain bar', () => {
  const { peaks: _, durationMs: __, ...plain } = sound('a.wav')
  play(plain)
  expect([position().dataset.bars, position().querySelector('svg')]).toEqual(['false', null])
  expect(screen.getByText('0:00 / –:––')).toBeTruthy()
})

test('what a browser cannot play it can save', () => {
  vi.mocked(HTMLMediaElement.prototype.canPlayType).mockReturnValue('')
  play(sound('a.wav'))
  expect([screen.queryByRole('slider'), button('Save a.wav')]).toHaveLength(2)
  expect(screen.queryByRole('slider')).toBeNull()
})
