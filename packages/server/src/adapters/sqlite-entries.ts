// Entries on their way to the thread that owns the file: as lists, for the names of the fields would be most of what is copied.
import type { Entry } from './entry.ts'

/** What most entries have none of. */
type Rest = readonly [
  opens: Entry['opens'],
  closes: Entry['closes'],
  within: Entry['within'],
  retakes: Entry['retakes'],
  holding: Entry['holding'],
  standing: Entry['standing'],
  after: Entry['after'],
  content: Entry['content'],
  redacts: Entry['redacts'],
  files: Entry['files'],
]

export type PackedEntry = readonly [
  by: string,
  author: string,
  id: string | undefined,
  fact: string,
  marks: number,
  ...rest: Partial<Rest>,
]

const FIRST_WINS = 1
const GROWTH = 2
const POSTS = 4
const FOLLOWS = 8

const NO_FILES: Entry['files'] = []

export function packed(entry: Entry): PackedEntry {
  const { by, author, id, fact, firstWins, growth, posts, follows } = entry
  const marks = (firstWins ? FIRST_WINS : 0) | (growth ? GROWTH : 0) | (posts ? POSTS : 0) | (follows ? FOLLOWS : 0)
  const { opens, closes, within, retakes, holding, standing, after, redacts, files } = entry
  // What is said as a whole is found by its id.
  const content = posts ? undefined : entry.content
  const span = opens ?? closes ?? within ?? retakes
  if ((span ?? holding ?? standing ?? after ?? content ?? redacts) === undefined && files.length === 0)
    return [by, author, id, fact, marks]
  return [
    by,
    author,
    id,
    fact,
    marks,
    opens,
    closes,
    within,
    retakes,
    holding,
    standing,
    after,
    content,
    redacts,
    files,
  ]
}

/** The entry, but for the `content` of what is said as a whole. */
export function unpacked([by, author, id, fact, marks, ...rest]: PackedEntry): Entry {
  const [opens, closes, within, retakes, holding, standing, after, content, redacts, files = NO_FILES] = rest
  return {
    by,
    author,
    id,
    fact,
    firstWins: (marks & FIRST_WINS) > 0,
    growth: (marks & GROWTH) > 0,
    opens,
    closes,
    within,
    retakes,
    holding,
    follows: (marks & FOLLOWS) > 0,
    standing,
    after,
    content,
    posts: (marks & POSTS) > 0,
    redacts,
    files,
  }
}
