// Looking for words in what was said, in the rooms that the asker may read.
import { type Hit, messageKey, type Part, type RoomId, type Search, wordsIn } from '@parley/protocol'
import type { Found, Log } from '../seams/log.ts'

/** Matches that are looked at for one question, those in rooms that are not the asker's included. */
const MOST = 500
const STEP = 50
const EXCERPT = 200

/** @param mayRead asked once for each room. */
export async function find(
  log: Log,
  { text, room, limit = 20 }: Search,
  mayRead: (room: RoomId) => Promise<boolean>,
): Promise<readonly Hit[]> {
  const words = wordsOf(text)
  if (words.length === 0) return []
  const open = new Map<RoomId, Promise<boolean>>()
  const hits: Hit[] = []
  let before: Found | undefined
  for (let looked = 0; looked < MOST && hits.length < limit; looked += STEP) {
    const found = await log.search(words, room, STEP, before)
    for (const one of found) {
      if (!open.has(one.room)) open.set(one.room, mayRead(one.room))
      if (hits.length < limit && (await open.get(one.room))) hits.push(hitOf(one, words))
    }
    before = found.at(-1)
    if (found.length < STEP) break
  }
  return hits
}

/** What counts as a word of a question. */
export function wordsOf(text: string): readonly string[] {
  return (text.normalize('NFC').match(/[\p{L}\p{N}]+/gu) ?? []).slice(0, 16)
}

function hitOf({ room, event }: Found, words: readonly string[]): Hit {
  const { seq, by, at, fact, id = '' } = event
  const message = messageKey(by.id, fact.type === 'message.closed' ? fact.message : id)
  return { room, seq, message, by, at, excerpt: excerptOf('parts' in fact ? fact.parts : [], words) }
}

/** The words around the first match. */
function excerptOf(parts: readonly Part[], words: readonly string[]): string {
  const text = wordsIn(parts).replace(/\s+/gu, ' ').trim()
  const folded = fold(text)
  const places = words.map((word) => folded.indexOf(fold(word))).filter((place) => place >= 0)
  const from = Math.max(0, Math.min(...places, text.length) - EXCERPT / 4)
  const start = from === 0 || places.length === 0 ? 0 : text.indexOf(' ', from) + 1
  const excerpt = text.slice(start, start + EXCERPT).toWellFormed()
  return `${start > 0 ? '…' : ''}${excerpt}${start + EXCERPT < text.length ? '…' : ''}`
}

/** Without case and accents, at the same length for nearly all texts. */
function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
}
