// How loud a sound is, from its beginning to its end, as bars.

interface Props {
  /** 0 to 100 each. */
  readonly peaks: readonly number[]
}

const HEIGHT = 100
/** Silence is seen too. */
const LEAST = 6

/** As wide and high as its place. The lines keep their width however it is stretched. */
export function Bars({ peaks }: Props) {
  return (
    <svg className="bars" viewBox={`0 0 ${peaks.length} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <path d={pathOf(peaks)} vectorEffect="non-scaling-stroke" />
    </svg>
  )
}

function pathOf(peaks: readonly number[]): string {
  return peaks
    .map((peak, index) => {
      const half = (Math.max(peak, LEAST) * 0.9) / 2
      return `M${index + 0.5} ${HEIGHT / 2 - half}v${half * 2}`
    })
    .join('')
}

/** So many bars: of several in one place the highest, between two that are further apart what lies between them. */
export function resampled(peaks: readonly number[], count: number): readonly number[] {
  const last = peaks.length - 1
  if (last < 0) return []
  return Array.from({ length: count }, (_, bar) => {
    if (peaks.length > count) {
      const [from, to] = [bar, bar + 1].map((at) => Math.floor((at * peaks.length) / count))
      return Math.max(...peaks.slice(from, to))
    }
    const place = count === 1 ? 0 : (bar * last) / (count - 1)
    const [before = 0, after = before] = peaks.slice(Math.floor(place))
    return before + (after - before) * (place % 1)
  })
}
