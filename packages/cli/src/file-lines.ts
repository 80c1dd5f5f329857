// Files as lines for a terminal: what one is, how much of it, how loud, and how far it has come on its way.
import type { Attachment } from '@parley/protocol'
import { oneLine } from './printable.ts'
import type { ShownFiles } from './shown-files.ts'
import { progressText } from './tool-lines.ts'

/** As in `photo.jpg · image/jpeg · 160×90 · 4.2 KB`. */
export function fileText({ name, mediaType, size, width, height, durationMs, peaks = [] }: Attachment): string {
  const pixels = width === undefined || height === undefined ? [] : [`${width}×${height}`]
  const sound = durationMs === undefined ? [] : [`${lengthText(durationMs)} ${waveform(peaks)}`.trimEnd()]
  return [oneLine(name), oneLine(mediaType), ...pixels, ...sound, bytesText(size)].join(' · ')
}

/** With what it is called by where it stands: its number among `shown`, else its id. */
export function fileLine(file: Attachment, shown: ShownFiles | undefined): string {
  const text = fileText(file)
  return shown === undefined ? `${text} · ${oneLine(file.id)}` : `[${shown.numberOf(file)}] ${text}`
}

/** As in `photo.jpg ▓▓▓▓░░░░ 48 % of 4.2 KB`. `total` undefined: nobody knows yet. */
export function wayText(what: string, bytes: number, total: number | undefined): string {
  const name = oneLine(what)
  if (total === undefined) return `${name} ${bytesText(bytes)}`
  return `${name} ${progressText({ fraction: total === 0 ? 1 : bytes / total, text: `of ${bytesText(total)}` })}`
}

const STEP = 1024
const UNITS = ['KB', 'MB', 'GB', 'TB'] as const

export function bytesText(bytes: number): string {
  if (bytes < STEP) return `${bytes} B`
  let amount = bytes / STEP
  let unit = 0
  while (amount >= 999.5 && unit < UNITS.length - 1) {
    amount /= STEP
    unit += 1
  }
  return `${amount < 99.95 ? amount.toFixed(1) : Math.round(amount)} ${UNITS[unit]}`
}

/** As in `1:05`, or `1:00:05`. What is to be heard at all takes a second. */
function lengthText(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1_000))
  const two = (part: number) => String(part).padStart(2, '0')
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60]
  return hours === 0 ? `${minutes}:${two(seconds % 60)}` : `${hours}:${two(minutes)}:${two(seconds % 60)}`
}

const BARS = '▁▂▃▄▅▆▇█'
const WAVE_WIDTH = 24

/** How loud it is, from its beginning to its end: of each stretch, the loudest. */
function waveform(peaks: readonly number[]): string {
  const width = Math.min(WAVE_WIDTH, peaks.length)
  return Array.from({ length: width }, (_, column) => {
    const from = Math.floor((column * peaks.length) / width)
    const to = Math.floor(((column + 1) * peaks.length) / width)
    const loudest = Math.max(...peaks.slice(from, to))
    return BARS[Math.min(Math.floor((loudest / 100) * BARS.length), BARS.length - 1)]
  }).join('')
}
