// What somebody wants of the guide: to hear something, or that it uses one of its tools.
import { type Message, textOf } from '@parley/protocol'
import { filesIn, type Looked } from './guide-files.ts'
import { sumIn } from './guide-sums.ts'
import { plainly, smallTalk } from './guide-talk.ts'
import { type Asked, MOST } from './guide-tools.ts'
import { stemOf, tokensOf } from './guide-words.ts'

export type Wish =
  | { readonly say: string }
  | { readonly use: 'search_docs' | 'find_phrase'; readonly input: Asked }
  | { readonly use: 'calculate'; readonly input: { readonly expression: string } }
  | { readonly use: 'inspect_files'; readonly input: Looked }
  | { readonly use: 'reindex_docs' | 'forget_index'; readonly input: Readonly<Record<string, never>> }

/** Messages among which files are looked for. */
const LOOK_BACK = 6
const KINDLY = '^(?:please |(?:can|could|would) you )*'
const DOCS = '(?: (?:the|your|all|search|docs|documents|documentation|files|index|again|anew|now|please))'
const REINDEX = new RegExp(
  `${KINDLY}(?:reindex${DOCS}*|(?:index|rebuild|refresh|reread)${DOCS}+|read${DOCS}+ (?:again|anew))$`,
)
const FORGET = new RegExp(
  `${KINDLY}(?:clear|forget|drop|delete|remove|reset|empty) (?:(?:the|your|search) )*index(?: please| now)*$`,
)
const SHORTER =
  /^(?:please |(?:a bit |much )?)*(?:shorter|briefly|in short|in brief|be brief|(?:make|keep) (?:it|that) (?:short|shorter|brief)|tldr|too long)(?: please)?$/
const STOP =
  /^(?:please )?(?:stop|enough|thats enough|never ?mind|cancel|quiet|halt)(?: (?:it|now|there|please|thanks|thank you))*$/
const LOOK = new RegExp(
  `${KINDLY}(?:what(?:s| is| are)(?: in)? (?:this|that|it|these|those)|(?:inspect|examine|describe|identify|hash|look at|tell me about) (?:this|that|it|these|those|the|my))(?: (?:files?|pictures?|photos?|images?|sounds?|recordings?|documents?|attachments?))?(?: please)?$`,
)
const QUOTED = /^(?:find |search (?:for )?|where (?:is|does it say) )?["“„]([^"“”„]{2,})["”“]\s*\??$/i

/** @param past what was said in the room before this message, oldest first; `isAtWork`: whether it came during the answer. */
export function wishOf(message: Message, past: readonly Message[], isAtWork = false): Wish {
  const question = questionOf(message)
  const plain = plainly(question)
  const files =
    LOOK.test(plain) || question === ''
      ? (filesIn(message) ?? (question === '' ? undefined : filesBefore(message, past)))
      : undefined
  if (files !== undefined) return { use: 'inspect_files', input: files }
  const talk = smallTalk(question)
  if (isAtWork && STOP.test(plain)) return { say: 'I stop here.' }
  if (talk !== undefined) return { say: talk }
  if (SHORTER.test(plain)) return shorter(message, past)
  if (REINDEX.test(plain)) return { use: 'reindex_docs', input: {} }
  if (FORGET.test(plain)) return { use: 'forget_index', input: {} }
  const expression = sumIn(question)
  if (expression !== undefined) return { use: 'calculate', input: { expression } }
  const phrase = question.match(QUOTED)?.[1]?.trim()
  if (phrase !== undefined && phrase !== '') return { use: 'find_phrase', input: { query: phrase } }
  const context = leansBack(question) ? before(message, past) : undefined
  const leaning = context === undefined ? {} : { context: questionOf(context) }
  return { use: 'search_docs', input: { query: question, ...leaning } }
}

/** The answer to what the same person asked last, in short. */
function shorter(message: Message, past: readonly Message[]): Wish {
  const last = before(message, past)
  const wish = last === undefined ? undefined : wishOf(last, past.slice(0, past.indexOf(last)))
  if (wish !== undefined && 'use' in wish && (wish.use === 'search_docs' || wish.use === 'find_phrase'))
    return { use: wish.use, input: { ...wish.input, brief: true } }
  return { say: 'I have shown you nothing that could be shorter.' }
}

/** The text without the mentions that brought it here. */
function questionOf(message: Message): string {
  return textOf(message.parts)
    .replace(/(^|\s)@[\p{L}\p{N}_.:-]+(?![\p{L}\p{N}_.:/-])/gu, '$1')
    .trim()
    .slice(0, MOST)
    .toWellFormed()
}

/** Whether a question makes sense only after another: "and for Redis?", "why?", "how do I change it?". */
function leansBack(question: string): boolean {
  const words = tokensOf(question).filter((token) => stemOf(token) !== undefined).length
  if (words === 0) return true
  if (words <= 2 && /^\W*(?:and|or|but|also|then|so|why|(?:what|how) about|more|another)\b/i.test(question)) return true
  return words <= 1 && /\b(?:it|its|that|this|they|them|those|these|there)\b/i.test(question)
}

/** The files that somebody showed last; not those from long ago. */
function filesBefore({ by }: Message, past: readonly Message[]): Looked | undefined {
  const shown = past.slice(-LOOK_BACK).findLast((message) => message.by.id === by.id && filesIn(message) !== undefined)
  return shown === undefined ? undefined : filesIn(shown)
}

/** What the same person asked last. */
function before({ by }: Message, past: readonly Message[]): Message | undefined {
  const last = past.findLast((message) => message.by.id === by.id)
  return last === undefined || questionOf(last) === '' ? undefined : last
}
