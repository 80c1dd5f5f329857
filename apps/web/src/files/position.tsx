// Where in a sound one is, on its waveform: to be seen, and to be changed by pointer and keys.
import type { KeyboardEvent, PointerEvent } from 'react'
import { timeWords } from './sizes.ts'
import { Bars, resampled } from './waveform.tsx'

interface Props {
  readonly name: string
  readonly peaks: readonly number[] | undefined
  /** Milliseconds, as the next. */
  readonly at: number
  readonly length: number
  readonly onSeek: (ms: number) => void
}

/** More would stand too close on a phone. */
const BARS = 44

export function Position({ name, peaks, at, length, onSeek }: Props) {
  const played = length > 0 ? Math.min(at / length, 1) : 0

  function point({ currentTarget, clientX }: PointerEvent<HTMLElement>): void {
    const { left, width } = currentTarget.getBoundingClientRect()
    if (width > 0) onSeek(((clientX - left) / width) * length)
  }

  function heard(event: KeyboardEvent): void {
    const to = placeFor(event.key, at, length)
    if (to === undefined) return
    event.preventDefault()
    onSeek(to)
  }

  return (
    <div
      className="position"
      role="slider"
      tabIndex={0}
      aria-label={`Position in ${name}`}
      aria-valuemin={0}
      aria-valuemax={Math.round(length / 1000)}
      aria-valuenow={Math.round(at / 1000)}
      aria-valuetext={`${timeWords(at)} of ${timeWords(length)}`}
      data-bars={peaks !== undefined && peaks.length > 1}
      onKeyDown={heard}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        point(event)
      }}
      onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && point(event)}
    >
      <Line peaks={peaks} />
      <div className="position-played" style={{ clipPath: `inset(0 ${100 - played * 100}% 0 0)` }}>
        <Line peaks={peaks} />
      </div>
    </div>
  )
}

/** Without peaks a plain bar. */
function Line({ peaks }: Pick<Props, 'peaks'>) {
  return peaks === undefined || peaks.length < 2 ? <i /> : <Bars peaks={resampled(peaks, BARS)} />
}

/** Steps of five seconds, or less in what is short. */
function placeFor(key: string, at: number, length: number): number | undefined {
  const step = Math.min(5_000, length / 10)
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return at - step
    case 'ArrowRight':
    case 'ArrowUp':
      return at + step
    case 'PageDown':
      return at - step * 3
    case 'PageUp':
      return at + step * 3
    case 'Home':
      return 0
    case 'End':
      return length
  }
  return undefined
}
