// A connection as a dialect meets it, with ids and a time that tests can name.
import type { Greeting } from '../../src/dialects/dialect.ts'

export const NOW = 5_000

/** Its uuids are `u1`, `u2` and so on, unless given. */
export function greeting(params: Record<string, string> = {}, uuids: readonly string[] = []): Greeting {
  let made = 0
  const left = [...uuids]
  const uuid = (): string => {
    made += 1
    return left.shift() ?? `u${made}`
  }
  return { params: new Map(Object.entries(params)), uuid, now: () => NOW }
}

export function parsed(texts: readonly string[]): unknown[] {
  return texts.map((text) => JSON.parse(text))
}
