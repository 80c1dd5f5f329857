// The names of places in a document, as GitHub makes them out of headings.

/** One for each heading, in order; a heading that was there before gets a number. */
export function anchorsOf(headings: readonly string[]): string[] {
  const taken = new Map<string, number>()
  return headings.map((heading) => {
    const anchor = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
      .replaceAll(' ', '-')
    const times = taken.get(anchor) ?? 0
    taken.set(anchor, times + 1)
    return times === 0 ? anchor : `${anchor}-${times}`
  })
}
