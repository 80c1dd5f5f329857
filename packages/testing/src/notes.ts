// What the nodes of a world had to say about what went wrong.
import { Refusal } from '@parley/protocol'
import type { Journal } from '@parley/server'

export interface Note {
  readonly node: string
  readonly level: 'info' | 'warn' | 'error'
  readonly what: string
  readonly cause?: unknown
  readonly more?: object
}

export function notebook(node: string, note: (note: Note) => void): Journal {
  const told = (more: object | undefined): { more?: object } => (more === undefined ? {} : { more })
  return {
    info: (what, more) => note({ node, level: 'info', what, ...told(more) }),
    warn: (what, more) => note({ node, level: 'warn', what, ...told(more) }),
    error: (what, cause, more) => note({ node, level: 'error', what, cause, ...told(more) }),
  }
}

/** Whether it tells of a mistake in the program, not of a store that was away for a moment. */
export function isMistake({ level, cause }: Note): boolean {
  return level === 'error' && !(cause instanceof Refusal)
}
