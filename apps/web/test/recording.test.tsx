// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { useRef } from 'react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Composer } from '../src/conversation/composer.tsx'
import { draftIn } from '../src/conversation/draft.ts'
import { type Stage, stage } from './files.tsx'

/** A microphone that is given, or not, when the test says so. */
let asked: PromiseWithResolvers<MediaStream>
const ended = vi.fn()

class FakeRecorder extends EventTarget {
  static isTypeSupported = (type: string) => type === 'audio/webm;codecs=opus'
  state = 'inactive'
  readonly mimeType: string
  constructor(_: MediaStream, { mimeType = '' }: { mimeType?: string }) {
    super()
    this.mimeType = mimeType
  }
  start() {
    this.state = 'recording'
  }
  stop() {
    this.state = 'inactive'
    this.dispatchEvent(Object.assign(new Event('dataavailable'), { data: new Blob(['spoken']) }))
    this.dispatchEvent(new Event('stop'))
  }
}

class FakeContext {
  createAnalyser = () => ({ fftSize: 0, getFloatTimeDomainData: () => {} })
  createMediaStreamSource = () => ({ connect: () => {} })
  close = async () => {}
}

beforeEach(() => {
  asked = Promise.withResolvers()
  vi.stubGlobal('MediaRecorder', FakeRecorder)
  vi.stubGlobal('AudioContext', FakeContext)
  Object.assign(navigator, { mediaDevices: { getUserMedia: () => asked.promise } })
})

afterEach(() => {
  cleanup()
  localStorage.clear()
  vi.unstubAllGlobals()
  vi.clearAllMocks()
})

function Writing({ room }: Pick<Stage, 'room'>) {
  const area = useRef<HTMLTextAreaElement>(null)
  return (
    <Composer area={area} draft={draftIn(room)} hint="" running={false} onSend={async () => {}} onStop={() => {}} />
  )
}

function writing() {
  const made = stage()
  return { ...made, ...render(made.within(<Writing room={made.room} />)) }
}

const box = () => screen.getByRole('textbox', { name: 'Message', hidden: true })
const button = (name: string) => screen.getByRole<HTMLButtonElement>('button', { name })
const settled = () => act(async () => void (await new Promise((resolve) => setTimeout(resolve))))

async function given() {
  asked.resolve({ getTracks: () => [{ stop: ended }] } as unknown as MediaStream)
  await settled()
}

test('what is said becomes a chosen file, and the microphone is given back', async () => {
  const { uploads } = writing()
  fireEvent.click(button('Record'))
  expect(button('Record').disabled).toBe(true)
  await given()
  expect([screen.getByRole('timer').textContent, document.activeElement]).toEqual(['0:00', button('Stop recording')])
  fireEvent.click(button('Stop recording'))
  await settled()
  expect(uploads.map(({ name }) => name)).toEqual([expect.stringMatching(/^Recording [\d-]+ at [\d.]+\.webm$/u)])
  expect([ended.mock.calls.length, document.activeElement]).toEqual([1, box()])
})

test('what is discarded is nothing', async () => {
  const { uploads } = writing()
  fireEvent.click(button('Record'))
  await given()
  fireEvent.click(button('Discard'))
  await settled()
  expect([uploads, ended.mock.calls.length, button('Record').disabled]).toEqual([[], 1, false])
})

test('a microphone that is refused is told in words, which can be sent away', async () => {
  writing()
  fireEvent.click(button('Record'))
  asked.reject(new DOMException('no', 'NotAllowedError'))
  await settled()
  expect(screen.getByRole('alert').textContent).toContain('The microphone may not be used on this page.')
  fireEvent.click(button('Dismiss'))
  expect(screen.queryByRole('alert')).toBeNull()
})

test('whoever goes elsewhere while they speak keeps what they said', async () => {
  const { uploads, unmount } = writing()
  fireEvent.click(button('Record'))
  await given()
  unmount()
  await settled()
  expect([uploads.length, ended.mock.calls.length]).toEqual([1, 1])
})

test('a microphone that is given after one has gone elsewhere is given back at once', async () => {
  const { uploads, unmount } = writing()
  fireEvent.click(button('Record'))
  unmount()
  await given()
  expect([uploads, ended.mock.calls.length]).toEqual([[], 1])
})

test('where nothing can be recorded, nobody is offered to', () => {
  vi.stubGlobal('MediaRecorder', undefined)
  writing()
  expect(screen.queryByRole('button', { name: 'Record' })).toBeNull()
})
