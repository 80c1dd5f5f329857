import type { Attachment } from '@parley/protocol'
import { expect, test } from 'vitest'
import { bytesText, fileLine, fileText, wayText } from '../src/file-lines.ts'
import { ShownFiles } from '../src/shown-files.ts'
import { file } from './world.ts'

test('a file is told by its name, what it is, and how much', () => {
  expect(fileText(file('a.pdf', { mediaType: 'application/pdf', size: 12 }))).toBe('a.pdf · application/pdf · 12 B')
  expect(fileText(file('photo.jpg', { mediaType: 'image/jpeg', size: 4_290, width: 160, height: 90 }))).toBe(
    'photo.jpg · image/jpeg · 160×90 · 4.2 KB',
  )
})

test('a sound is told by how long it lasts, and how loud it is where that is known', () => {
  const sound = (more: Partial<Attachment>) =>
    fileText(file('a.mp3', { mediaType: 'audio/mpeg', size: 1_024, ...more }))
  expect(sound({ durationMs: 65_400 })).toBe('a.mp3 · audio/mpeg · 1:05 · 1.0 KB')
  expect(sound({ durationMs: 3_605_000 })).toContain('1:00:05')
  expect(sound({ durationMs: 20 })).toContain('0:01')
  expect(sound({ durationMs: 1_000, peaks: [0, 12, 13, 50, 100, 87] })).toContain('0:01 ▁▁▂▅█▇ ·')
  const wave = / ([▁-█]+) /.exec(sound({ durationMs: 1_000, peaks: Array.from({ length: 1_000 }, (_, at) => at / 10) }))
  expect(wave?.[1]).toMatch(/^▁+▂+▃+▄+▅+▆+▇+█+$/)
  expect(wave?.[1]).toHaveLength(24)
})

test('how much is said shortly', () => {
  expect([0, 1_023, 1_024, 10_240, 102_400, 1_048_575, 200 * 1_048_576, 3e9, 5e12, 9e15].map(bytesText)).toEqual([
    '0 B',
    '1023 B',
    '1.0 KB',
    '10.0 KB',
    '100 KB',
    '1.0 MB',
    '200 MB',
    '2.8 GB',
    '4.5 TB',
    '8185 TB',
  ])
})

test('how far it has come is a bar, where it is known how far it is', () => {
  expect(wayText('a.jpg', 512, 1_024)).toBe('a.jpg ▓▓▓▓░░░░ 50 % of 1.0 KB')
  expect(wayText('a.jpg', 0, 0)).toBe('a.jpg ▓▓▓▓▓▓▓▓ 100 % of 0 B')
  expect(wayText('stdin', 2_048, undefined)).toBe('stdin 2.0 KB')
})

test('a name that others gave is no command for the terminal', () => {
  const evil = file('a\u001b[2J\u202egpj\r\n.exe', { mediaType: 'x\u0007/y', size: 1 })
  expect(fileText(evil)).toBe('agpj .exe · x/y · 1 B')
  expect(wayText(evil.name, 0, 1)).toMatch(/^agpj \.exe ░/)
  expect(fileLine({ ...evil, id: 'i\u001b]0;x\u0007d' }, undefined)).toBe('agpj .exe · x/y · 1 B · id')
})

test('files have numbers in the order in which they are shown, and are found by number or id', () => {
  const shown = new ShownFiles()
  const [one, two] = [file('one'), file('two', { id: '1' })]
  expect([one, two, one].map((each) => fileLine(each, shown).slice(0, 3))).toEqual(['[1]', '[2]', '[1]'])
  expect(shown.find('2')).toBe(two)
  expect(shown.find('id-of-one')).toBe(one)
  // A number comes first.
  expect(shown.find('1')).toBe(one)
  expect(['0', '3', '01', 'x', ''].map((named) => shown.find(named))).toEqual(Array(5).fill(undefined))
  shown.clear()
  expect(shown.find('1')).toBeUndefined()
  expect(shown.numberOf(two)).toBe(1)
})
