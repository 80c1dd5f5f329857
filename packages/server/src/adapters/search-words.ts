// What a search takes for words, the same for every log: accents and capitals make no difference. Pure.

/** Letters and digits that belong together; scripts without spaces are taken letter by letter. */
const WORD =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]|[[\p{L}\p{N}\p{M}]--[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]]+/gv
const ACCENTS = /[\u0300-\u036f]/g
/** Beyond this nobody types, and it is no word. */
const LONGEST = 64

/** The words of a text, folded; they hold nothing but letters, digits and marks. */
export function foldedWords(text: string): readonly string[] {
  const folded = text.normalize('NFKD').replaceAll(ACCENTS, '').toLowerCase()
  return Array.from(folded.matchAll(WORD), ([word]) => word.slice(0, LONGEST))
}

/** What is looked for, word by word as somebody typed them; each may be several words that follow each other. */
export function phrasesOf(words: readonly string[]): readonly (readonly string[])[] {
  return words.map(foldedWords).filter((phrase) => phrase.length > 0)
}

/** Whether a text holds all phrases. The last word of a phrase may go on in the text. */
export function holds(text: readonly string[], phrases: readonly (readonly string[])[]): boolean {
  return phrases.length > 0 && phrases.every((phrase) => text.some((_, start) => isAt(text, start, phrase)))
}

function isAt(text: readonly string[], start: number, phrase: readonly string[]): boolean {
  return phrase.every((word, index) => {
    const here = text[start + index]
    return index === phrase.length - 1 ? here?.startsWith(word) : here === word
  })
}
