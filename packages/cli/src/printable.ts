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
