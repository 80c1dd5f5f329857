// Authors as small numbers: a person has one id and any number of faces over time, as names change.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { int, text } from './sqlite-values.ts'

export interface Face {
  readonly key: number
  readonly person: number
}

const REMEMBERED = 10_000

export class Authors {
  readonly #person: StatementSync
  readonly #newPerson: StatementSync
  readonly #face: StatementSync
  readonly #newFace: StatementSync
  readonly #by: StatementSync
  readonly #people = new Map<string, number>()
  readonly #faces = new Map<string, Face>()
  readonly #texts = new Map<number, string>()

  constructor(db: DatabaseSync) {
    this.#person = db.prepare('SELECT key FROM people WHERE id = ?')
    this.#newPerson = db.prepare('INSERT INTO people (id) VALUES (?) RETURNING key')
    this.#face = db.prepare('SELECT key, person FROM faces WHERE by = ?')
    this.#newFace = db.prepare('INSERT INTO faces (person, by) VALUES (?, ?) RETURNING key')
    this.#by = db.prepare('SELECT by FROM faces WHERE key = ?')
  }

  /** The number of whoever has this id, if they ever wrote anything. */
  person(id: string): number | undefined {
    const known = this.#people.get(id)
    if (known !== undefined) return known
    const row = this.#person.get(id)
    if (row === undefined) return undefined
    const key = int(row.key)
    this.#people.set(id, key)
    return key
  }

  /** The numbers of an author, given them when they are new; `by` is the JSON of the author with this id. */
  face(by: string, id: string): Face {
    const known = this.#faces.get(by)
    if (known !== undefined) return known
    const row = this.#face.get(by)
    const face = row === undefined ? this.#meet(by, id) : { key: int(row.key), person: int(row.person) }
    this.#faces.set(by, face)
    return face
  }

  #meet(by: string, id: string): Face {
    const person = this.person(id) ?? int(this.#newPerson.get(id)?.key)
    return { key: int(this.#newFace.get(person, by)?.key), person }
  }

  /** The JSON of the author with this face. */
  by(face: number): string {
    const known = this.#texts.get(face)
    if (known !== undefined) return known
    const by = text(this.#by.get(face)?.by)
    this.#texts.set(face, by)
    return by
  }

  /** Bounds what is remembered. */
  tidy(): void {
    if (Math.max(this.#people.size, this.#faces.size, this.#texts.size) > REMEMBERED) this.drop()
  }

  /** Forgets what it remembers: it may have been rolled back. */
  drop(): void {
    this.#people.clear()
    this.#faces.clear()
    this.#texts.clear()
  }
}
