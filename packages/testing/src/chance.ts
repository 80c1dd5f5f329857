// Chance that repeats itself: the same seed gives the same numbers for ever.
import type { Chance } from '@parley/server'

/** Seeded chance, with the questions that a schedule asks of it. */
export interface Seeded extends Chance {
  /** A whole number, `least` <= n <= `most`. */
  int(least: number, most: number): number
  /** True in `share` of all cases. */
  odds(share: number): boolean
  /** One of these; the list must not be empty. */
  pick<Item>(items: readonly Item[]): Item
  /** A chance of its own, which what happens elsewhere does not disturb. */
  fork(name: string): Seeded
}

export function seeded(seed: number | string): Seeded {
  const name = `${seed}`
  const next = sfc32(name)
  const float = (): number => next() / 4294967296
  const int = (least: number, most: number): number => least + Math.floor(float() * (most - least + 1))
  return {
    float,
    int,
    uuid: () => uuidOf(next),
    odds: (share) => float() < share,
    pick(items) {
      const item = items[int(0, items.length - 1)]
      if (item === undefined) throw new Error('there is nothing to pick from')
      return item
    },
    fork: (branch) => seeded(`${name}/${branch}`),
  }
}

/** Chris Doty-Humphrey's Small Fast Counter: 32 good bits per call. The name is hashed into its state. */
function sfc32(name: string): () => number {
  let a = hash(name, 0x9e3779b9)
  let b = hash(name, 0x243f6a88)
  let c = hash(name, 0xb7e15162)
  let counter = 1
  const next = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  for (let round = 0; round < 15; round += 1) next()
  return next
}

/** FNV-1a, finished so that similar names differ in every bit. */
function hash(text: string, start: number): number {
  let value = start ^ 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return value ^ (value >>> 16)
}

function uuidOf(next: () => number): string {
  const hex = [next(), next(), next(), next()].map((word) => word.toString(16).padStart(8, '0')).join('')
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
}
