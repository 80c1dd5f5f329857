// Foreign text on a terminal: others may write anything, so nothing of theirs reaches the terminal as a command.
import { stripVTControlCharacters } from 'node:util'

// Control characters but tab and newline, and the marks that reverse the direction of what follows.
const UNPRINTABLE = /(?![\t\n])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu

/** The text without escape sequences and control characters; newlines and tabs stay. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(UNPRINTABLE, '')
}

/** The same on one line. */
export function oneLine(text: string): string {
  return printable(text).replaceAll(/\s*\n\s*/g, ' ')
}

const SHORT = 100

/** Its beginning, on one line of at most 100 characters. */
export function short(text: string): string {
  const plain = oneLine(text)
  return plain.length <= SHORT ? plain : `${plain.slice(0, SHORT - 1)}…`
}

/** The author's name as others see it. */
export function nameOf({ name, id }: { readonly name?: string; readonly id: string }): string {
  return oneLine(name ?? id)
}
