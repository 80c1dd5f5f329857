// A word at the beginning of what was typed, as shells have words, and as terminals write the path of a file that is dropped there.

export interface Word {
  readonly text: string
  /** It began with a quote. */
  readonly quoted: boolean
  /** What follows it, as it is. */
  readonly rest: string
}

/**
 * Up to the first blank. A blank in quotes, or behind a backslash, belongs to it; so does a quote behind a letter, as in
 * `it's`. A backslash before a letter is a backslash. Undefined: there is none, or a quote is not closed.
 */
export function firstWord(line: string): Word | undefined {
  const typed = line.trimStart()
  let text = ''
  let at = 0
  let opens = true
  while (at < typed.length && !/\s/.test(typed.charAt(at))) {
    const piece = pieceAt(typed, at, opens)
    if (piece === undefined) return undefined
    text += piece.text
    at += piece.length
    opens = piece.opens
  }
  if (at === 0) return undefined
  return { text, quoted: /^["']/.test(typed), rest: typed.slice(at).trimStart() }
}

interface Piece {
  readonly text: string
  /** Characters that it took. */
  readonly length: number
  /** A quote behind it opens. */
  readonly opens: boolean
}

function pieceAt(typed: string, at: number, opens: boolean): Piece | undefined {
  const here = typed.slice(at)
  const escaped = /^\\([^\p{L}\p{N}])/u.exec(here)?.[1]
  if (escaped !== undefined) return { text: escaped, length: 1 + escaped.length, opens: true }
  if (!opens || !/^["']/.test(here)) return { text: here.charAt(0), length: 1, opens: false }
  const [whole, single, double = ''] = /^(?:'([^']*)'|"((?:[^"\\]|\\.)*)")/s.exec(here) ?? []
  if (whole === undefined) return undefined
  return { text: single ?? double.replaceAll(/\\(["\\])/g, '$1'), length: whole.length, opens: true }
}
