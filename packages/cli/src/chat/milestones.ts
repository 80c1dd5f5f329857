// Where a bar cannot grow: a line for each quarter of a tool's way.
import type { RoomPicture } from '@parley/client'
import { oneLine } from '../printable.ts'
import { progressText } from '../tool-lines.ts'

export class Milestones {
  /** By call: the quarter that was told last. */
  #told: ReadonlyMap<string, number> = new Map()

  /** What there is to tell now, of tools that are at work. */
  hear({ tools, progress }: Pick<RoomPicture, 'tools' | 'progress'>): readonly string[] {
    const lines: string[] = []
    const quarters = new Map<string, number>()
    for (const [call, latest] of progress) {
      const tool = tools.get(call)
      if (tool === undefined) continue
      const { name, title = name } = tool
      const { fraction = 0 } = latest
      const quarter = Math.floor(fraction * 4)
      if (quarter > (this.#told.get(call) ?? -1)) lines.push(`${oneLine(title)} ${progressText(latest)}`)
      quarters.set(call, Math.max(quarter, this.#told.get(call) ?? -1))
    }
    this.#told = quarters
    return lines
  }
}
