// The files beside a log in memory: what is known of them, and which events hold them.
import type { RoomId } from '@parley/protocol'
import type { Arrival, Kept } from '../seams/inventory.ts'

type File = Omit<Kept, 'held'>

/** By time; at the same moment, by id. */
function older(one: File, other: File): number {
  return one.at - other.at || (one.attachment.id < other.attachment.id ? -1 : 1)
}

export class MemoryFiles {
  readonly #files = new Map<string, File>()
  /** By file, the seqs of the events that hold it. */
  readonly #holdings = new Map<string, Set<number>>()
  readonly #loose = new Set<string>()

  has(room: RoomId, id: string): boolean {
    return this.#files.get(id)?.room === room
  }

  add(arrival: Arrival, at: number): Kept {
    const known = this.uploaded(arrival.room, arrival.owner, arrival.upload)
    if (known !== undefined) return known
    const file: File = structuredClone({ ...arrival, at })
    this.#files.set(file.attachment.id, file)
    this.#loose.delete(file.attachment.sha256)
    return this.#kept(file)
  }

  find(id: string): Kept | undefined {
    const file = this.#files.get(id)
    return file === undefined ? undefined : this.#kept(file)
  }

  uploaded(room: RoomId, owner: string, upload: string): Kept | undefined {
    const file = this.#all.find((one) => one.room === room && one.owner === owner && one.upload === upload)
    return file === undefined ? undefined : this.#kept(file)
  }

  weigh(whose: Partial<Pick<Arrival, 'room' | 'owner'>>): number {
    return this.#all
      .filter(({ room, owner }) => room === (whose.room ?? room) && owner === (whose.owner ?? owner))
      .reduce((sum, { attachment }) => sum + attachment.size, 0)
  }

  hold(seq: number, ids: readonly string[]): void {
    for (const id of ids) {
      const seqs = this.#holdings.get(id) ?? new Set()
      this.#holdings.set(id, seqs.add(seq))
    }
  }

  /** Events of the room of which `gone` is true hold nothing any more. */
  letGo(room: RoomId, gone: (seq: number) => boolean): void {
    for (const [id, seqs] of this.#holdings) {
      if (!this.has(room, id)) continue
      for (const seq of seqs) if (gone(seq)) seqs.delete(seq)
      if (seqs.size === 0) this.#remove(id)
    }
  }

  discard(before: number, most: number): number {
    const unheld = this.#all.filter(({ at, attachment }) => at < before && !this.#holdings.has(attachment.id))
    const gone = unheld.toSorted(older).slice(0, Math.max(most, 0))
    for (const { attachment } of gone) this.#remove(attachment.id)
    return gone.length
  }

  loose(most: number): readonly string[] {
    return [...this.#loose].toSorted().slice(0, Math.max(most, 0))
  }

  dropped(contents: readonly string[]): void {
    for (const content of contents) this.#loose.delete(content)
  }

  holds(sha256: string): boolean {
    return this.#all.some(({ attachment }) => attachment.sha256 === sha256)
  }

  get #all(): readonly File[] {
    return [...this.#files.values()]
  }

  #kept(file: File): Kept {
    return structuredClone({ ...file, held: this.#holdings.has(file.attachment.id) })
  }

  #remove(id: string): void {
    const content = this.#files.get(id)?.attachment.sha256
    this.#files.delete(id)
    this.#holdings.delete(id)
    if (content !== undefined && !this.holds(content)) this.#loose.add(content)
  }
}
