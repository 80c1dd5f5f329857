// Quantiles of very many numbers in little memory: buckets that are exact for small numbers and 0.8 % wide for large ones.

const BITS = 7
const EXACT = 2 ** BITS

export class Histogram {
  readonly #buckets = new Float64Array((32 - BITS + 1) * EXACT)
  #count = 0

  /** Of whole numbers from 0 to 2³¹; others are rounded into that. */
  add(number: number): void {
    const value = number < 0 ? 0 : number > 0x7fffffff ? 0x7fffffff : number | 0
    const shift = value < EXACT ? 0 : 31 - Math.clz32(value) - BITS
    const index = value < EXACT ? value : (shift + 1) * EXACT + (value >> shift) - EXACT
    this.#buckets[index] = (this.#buckets[index] ?? 0) + 1
    this.#count += 1
  }

  /** The number that a share `q` of all is not above; not a number while there are none. */
  quantile(q: number): number {
    let left = Math.min(this.#count - 1, Math.floor(this.#count * q))
    for (const [index, count] of this.#buckets.entries()) {
      left -= count
      if (left < 0) return valueAt(index)
    }
    return Number.NaN
  }

  clear(): void {
    this.#buckets.fill(0)
    this.#count = 0
  }
}

function valueAt(index: number): number {
  if (index < EXACT) return index
  const shift = Math.floor(index / EXACT) - 1
  return ((index % EXACT) + EXACT) * 2 ** shift
}
