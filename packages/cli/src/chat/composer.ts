// The line being typed: text, cursor and what was sent before. Pure; each function gives the next state.

export interface Composer {
  readonly text: string
  /** UTF-16 offset, always between two characters as people see them. */
  readonly cursor: number
  /** What was sent, oldest first. */
  readonly sent: readonly string[]
  /** Which of `sent` is shown; `sent.length` is what is being typed. */
  readonly shown: number
  /** What was being typed before looking back. */
  readonly draft: string
}

const SENT_KEPT = 100

export const emptyComposer: Composer = { text: '', cursor: 0, sent: [], shown: 0, draft: '' }

const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

function edited(composer: Composer, text: string, cursor: number): Composer {
  return { ...composer, text, cursor, shown: composer.sent.length }
}

export function insert(composer: Composer, added: string): Composer {
  const { text, cursor } = composer
  return edited(composer, text.slice(0, cursor) + added + text.slice(cursor), cursor + added.length)
}

function remove(composer: Composer, from: number, to: number): Composer {
  if (from === to) return composer
  return edited(composer, composer.text.slice(0, from) + composer.text.slice(to), from)
}

export function moveTo(composer: Composer, cursor: number): Composer {
  return cursor === composer.cursor ? composer : { ...composer, cursor }
}

export function left({ text, cursor }: Composer): number {
  return characters.segment(text).containing(cursor - 1)?.index ?? 0
}

export function right({ text, cursor }: Composer): number {
  const here = characters.segment(text).containing(cursor)
  return here === undefined ? text.length : here.index + here.segment.length
}

export function wordLeft({ text, cursor }: Composer): number {
  return Math.max(0, text.slice(0, cursor).search(/\S+\s*$/))
}

export function wordRight({ text, cursor }: Composer): number {
  return cursor + (/^\s*\S*/.exec(text.slice(cursor))?.[0].length ?? 0)
}

/** Start of the line that the cursor is in. */
export function lineStart({ text, cursor }: Composer): number {
  return cursor === 0 ? 0 : text.lastIndexOf('\n', cursor - 1) + 1
}

export function lineEnd({ text, cursor }: Composer): number {
  const end = text.indexOf('\n', cursor)
  return end < 0 ? text.length : end
}

export const backspace = (composer: Composer): Composer => remove(composer, left(composer), composer.cursor)
export const forwardDelete = (composer: Composer): Composer => remove(composer, composer.cursor, right(composer))
export const deleteWord = (composer: Composer): Composer => remove(composer, wordLeft(composer), composer.cursor)
export const deleteToStart = (composer: Composer): Composer => remove(composer, lineStart(composer), composer.cursor)
export const deleteToEnd = (composer: Composer): Composer => remove(composer, composer.cursor, lineEnd(composer))
export const clear = (composer: Composer): Composer => edited(composer, '', 0)

/** Empty again; what was sent can be looked back at. */
export function sent(composer: Composer): Composer {
  const { text } = composer
  const again = text === composer.sent.at(-1)
  const kept = again ? composer.sent : [...composer.sent, text].slice(-SENT_KEPT)
  return { text: '', cursor: 0, sent: kept, shown: kept.length, draft: '' }
}

/** One message back (-1) or forward (1) in what was sent. */
export function look(composer: Composer, by: -1 | 1): Composer {
  const { shown, text } = composer
  const next = shown + by
  if (next < 0 || next > composer.sent.length) return composer
  const draft = shown === composer.sent.length ? text : composer.draft
  const found = composer.sent[next] ?? draft
  return { ...composer, draft, shown: next, text: found, cursor: found.length }
}
