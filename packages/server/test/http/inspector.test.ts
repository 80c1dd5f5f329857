// What files are, by their bytes: real ones, and such as only pretend.
import { readFile } from 'node:fs/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { fileInspector } from '../../src/adapters/file-inspector.ts'
import { Loudness } from '../../src/adapters/loudness.ts'
import { isText } from '../../src/adapters/text-type.ts'
import type { Findings, Inspector } from '../../src/seams/inspect.ts'

const quiet = { info() {}, warn: expect.unreachable, error: expect.unreachable }

function inspector(): Inspector {
  const made = fileInspector(quiet)
  onTestFinished(() => made.close())
  return made
}

function sample(name: string): Promise<Uint8Array> {
  return readFile(new URL(`../files/${name}`, import.meta.url))
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1_000) yield bytes.subarray(at, at + 1_000)
}

async function findings(bytes: Uint8Array, size = bytes.length, it = inspector()): Promise<Findings> {
  const type = await it.typeOf(bytes.subarray(0, 4_100))
  return it.inspect(type, size, () => pieces(bytes))
}

describe('a real file', () => {
  test.each([
    ['picture.png', { mediaType: 'image/png', width: 160, height: 90 }],
    ['picture.jpg', { mediaType: 'image/jpeg', width: 160, height: 90 }],
    ['picture.webp', { mediaType: 'image/webp', width: 160, height: 90 }],
    ['picture.gif', { mediaType: 'image/gif', width: 160, height: 90 }],
    ['page.pdf', { mediaType: 'application/pdf' }],
  ])('%s is what it is', async (name, expected) => {
    expect(await findings(await sample(name))).toEqual(expected)
  })

  test('a photo that lies on its side is as large as it is shown', async () => {
    expect(await findings(await sample('sideways.jpg'))).toEqual({ mediaType: 'image/jpeg', width: 90, height: 160 })
  })

  test.each([
    ['tone.wav', 'audio/wav'],
    ['tone.mp3', 'audio/mpeg'],
    ['tone.ogg', 'audio/ogg'],
    ['tone.m4a', 'audio/x-m4a'],
    ['tone.webm', 'audio/webm'],
  ])('%s is as long and as loud as it sounds', async (name, mediaType) => {
    const { durationMs = 0, peaks = [], ...rest } = await findings(await sample(name))
    expect(rest).toEqual({ mediaType })
    expect(durationMs).toBeGreaterThan(950)
    expect(durationMs).toBeLessThan(1_250)
    // Its first half is quiet.
    const middle = Math.floor(peaks.length * 0.4)
    expect(Math.max(...peaks.slice(0, middle))).toBeLessThan(30)
    expect(Math.max(...peaks)).toBe(100)
  })

  test('a film is no sound, though its container could be one', async () => {
    expect(await findings(await sample('film.webm'))).toMatchObject({ mediaType: 'video/webm' })
  })

  test('of a sound that is not all there its header tells how long it is', async () => {
    const wav = await sample('tone.wav')
    const { peaks, durationMs } = await findings(wav.subarray(0, 8_000), wav.length)
    expect(peaks).toBeUndefined()
    expect(Math.round((durationMs ?? 0) / 100)).toBe(10)
  })

  test('an image has a thumbnail that is no larger than it needs to be, nothing else has', async () => {
    const it = inspector()
    const png = await sample('picture.png')
    const small = await it.thumbnail('image/png', () => pieces(png))
    expect(await it.typeOf(small ?? new Uint8Array())).toBe('image/webp')
    const pdf = await sample('page.pdf')
    expect(await it.thumbnail('application/pdf', () => pieces(pdf))).toBeUndefined()
    expect(await it.thumbnail('image/png', () => pieces(pdf))).toBeUndefined()
  })
})

describe('what pretends', () => {
  test('to be an image and is none has no size, and harms nobody after it', async () => {
    const it = inspector()
    const broken = (await sample('picture.png')).slice(0, 20)
    expect(await findings(broken, broken.length, it)).toEqual({ mediaType: 'image/png' })
    expect(await findings(await sample('picture.png'), undefined, it)).toMatchObject({ width: 160 })
  })

  test('to have billions of pixels gets no thumbnail', async () => {
    const png = new Uint8Array(await sample('picture.png'))
    new DataView(png.buffer).setUint32(16, 100_000)
    new DataView(png.buffer).setUint32(20, 100_000)
    expect(await inspector().thumbnail('image/png', () => pieces(png))).toBeUndefined()
  })

  test('to be a sound and is noise has no peaks', async () => {
    const noise = new Uint8Array(5_000).map((_, index) => (index * 7_919) % 251)
    noise.set(new TextEncoder().encode('RIFF....WAVEfmt '))
    const { mediaType, peaks } = await findings(noise)
    expect([mediaType, peaks]).toEqual(['audio/wav', undefined])
  })
})

test.each([
  ['plain words', true],
  ['ümläuts and 漢字 and 🎂', true],
  ['lines\r\nand\ttabs', true],
  ['\u001b[31mred\u001b[0m', true],
  ['', true],
  ['nul \u0000 in it', false],
  ['\u0001\u0002', false],
])('%j is text: %s', (text, is) => {
  expect(isText(new TextEncoder().encode(text))).toBe(is)
})

test('text may be cut within a character, but not broken', () => {
  const cake = new TextEncoder().encode('🎂')
  expect(isText(cake.subarray(0, 3))).toBe(true)
  expect(isText(new Uint8Array([0xff, 0xfe, 0x41]))).toBe(false)
})

describe('loudness', () => {
  test('is the outline of all samples, scaled to the loudest', () => {
    const loudness = new Loudness()
    const second = (loud: number) => new Float32Array(1_000).map((_, index) => (index === 500 ? -loud : 0))
    for (const loud of [0.1, 0.4, 0.2]) loudness.hear(second(loud), 1_000)
    expect(loudness.seconds).toBe(3)
    expect(loudness.peaks(3)).toEqual([25, 100, 50])
  })

  test('has no more bars than moments, and none of silence is loud', () => {
    const loudness = new Loudness()
    loudness.hear(new Float32Array(250), 1_000)
    expect(loudness.peaks(64)).toEqual([0, 0, 0])
  })

  test('survives samples that are no numbers', () => {
    const loudness = new Loudness()
    loudness.hear(new Float32Array([Number.NaN, 0.5, Number.POSITIVE_INFINITY]), 10)
    expect(loudness.peaks(3).every((peak) => Number.isFinite(peak) && peak >= 0 && peak <= 100)).toBe(true)
  })
})
