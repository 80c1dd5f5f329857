// Where a bar cannot grow: a line for each quarter of the way of a tool, or of a file.
import type { RoomPicture } from '@parley/client'
import { oneLine } from '../printable.ts'
import { progressText } from '../tool-lines.ts'

/** How far something has come. */
export interface Way {
  readonly id: string
  readonly text: string
  /** 0 to 1. */
  readonly fraction: number
}

export class Milestones {
  /** By id: the quarter that was told last. */
  #told: ReadonlyMap<string, number> = new Map()

  /** What there is to tell now of those that are under way. */
  hear(ways: readonly Way[]): readonly string[] {
    const fresh = ways.filter(({ id, fraction }) => quarterOf(fraction) > (this.#told.get(id) ?? -1))
    this.#told = new Map(ways.map(({ id, fraction }) => [id, Math.max(quarterOf(fraction), this.#told.get(id) ?? -1)]))
    return fresh.map(({ text }) => text)
  }
}

function quarterOf(fraction: number): number {
  return Math.floor(fraction * 4)
}

/** Of the tools that are at work. */
export function waysOfTools({ tools, progress }: Pick<RoomPicture, 'tools' | 'progress'>): readonly Way[] {
  return [...progress].flatMap(([call, latest]) => {
    const tool = tools.get(call)
    if (tool === undefined) return []
    const { name, title = name } = tool
    return [{ id: call, text: `${oneLine(title)} ${progressText(latest)}`, fraction: latest.fraction ?? 0 }]
  })
}
