// How authors are called and coloured.
import type { Author } from '@parley/protocol'

export function nameOf({ name, id, kind }: Author): string {
  if (name !== undefined && name !== '') return name
  return kind === 'user' && id.length > 12 ? `Guest ${id.slice(-4)}` : id
}

/** One or two letters for the round picture. */
export function initialsOf(author: Author): string {
  const words = nameOf(author)
    .split(/[\s._-]+/)
    .filter((word) => word !== '')
  const letters = words.map((word) => String.fromCodePoint(word.codePointAt(0) ?? 63))
  return (letters.length > 1 ? [letters[0], letters.at(-1)] : letters).join('').toUpperCase()
}

/** An angle of the colour wheel, the same for the same author everywhere. */
export function hueOf({ id }: Author): number {
  let hue = 7
  for (let index = 0; index < id.length; index += 1) hue = (hue * 31 + id.charCodeAt(index)) % 360
  return hue
}
