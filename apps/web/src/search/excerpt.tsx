// A few words of a message, with those that were sought marked.

interface Props {
  readonly text: string
  readonly words: string
}

export function Excerpt({ text, words }: Props) {
  let from = 0
  return pieces(text, words).map((piece, index) => {
    const key = from
    from += piece.length
    return index % 2 === 1 ? <mark key={key}>{piece}</mark> : piece
  })
}

/** Every second piece is what was sought. */
export function pieces(text: string, words: string): readonly string[] {
  const sought = words.match(/[\p{L}\p{N}]+/gu)
  if (sought === null) return [text]
  return text.split(new RegExp(`((?<![\\p{L}\\p{N}])(?:${sought.join('|')}))`, 'giu'))
}
