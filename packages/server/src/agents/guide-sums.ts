// How people write sums when they talk: "what is 12 × (3 + 4)?", "15 % of 80", "calculate the square root of 2".
import { CONSTANTS, FUNCTIONS } from './guide-calculator.ts'

const POLITE = /^(?:(?:hi|hello|hey|ok|okay|so|and|please|guide|(?:can|could|would) you)[\s,!.:]+)+/i
const COMMAND = /^(?:calculate|compute|work out|evaluate)[\s:]+/i
const QUESTION = /^(?:what(?:['’]?s| is| are)|how (?:much|many) (?:is|are)|tell me)\s+/i
const END = /[\s,]*(?:please)?[\s?=.]*$/i

const SPOKEN: readonly (readonly [RegExp, string])[] = [
  [/[×·⋅∙]|\b(?:multiplied by|times)\b|(?<=\d )x(?= \d)/gi, '*'],
  [/\*\*/g, '^'],
  [/÷|\bdivided by\b/gi, '/'],
  [/[−–]|\bminus\b/gi, '-'],
  [/\bplus\b/gi, '+'],
  [/²|\bsquared\b/gi, '^2'],
  [/³|\bcubed\b/gi, '^3'],
  [/\bto the power of\b/gi, '^'],
  [/\bmodulo\b/gi, 'mod'],
  [/\bper ?cent\b/gi, '%'],
  [/%\s*of\b/gi, '/ 100 *'],
  [/π/g, 'pi'],
  [/(?:√|\b(?:the )?square root of\b)\s*(\([^()]*\)|[\d.]+|pi|e)/gi, 'sqrt($1)'],
  [/\bln\b/gi, 'log'],
  [/\s+/g, ' '],
]

const NAMES = new Map([...FUNCTIONS, ...CONSTANTS].map((name) => [name.toLowerCase(), name]))
const NUMBER = /(?<![\p{L}_])\d[\d.]*(?:e[-+]?\d+)?/giu
const WORD = /[\p{L}_][\p{L}\p{N}_]*/gu

/** The expression that somebody wants to be worked out, or undefined where it is not about a sum. */
export function sumIn(text: string): string | undefined {
  const bare = text.trim().replace(POLITE, '').replace(END, '')
  const commanded = COMMAND.test(bare)
  const sum = written(bare.replace(commanded ? COMMAND : QUESTION, ''))
  const strange = wordsIn(sum).filter((word) => word !== 'mod' && !NAMES.has(word))
  // Who asks to calculate hears what is wrong with it; who just asks may mean something else.
  const meant = commanded ? strange.length <= 1 && hasValue(sum) : strange.length === 0 && hasValue(sum) && works(sum)
  return meant ? sum : undefined
}

function written(spoken: string): string {
  let sum = spoken
  for (const [words, sign] of SPOKEN) sum = sum.replace(words, sign)
  if (wordsIn(sum).length === 0) sum = sum.replace(/(?<=\d),(?=\d{3}(?!\d))/g, '')
  return sum.replace(WORD, (word) => NAMES.get(word.toLowerCase()) ?? word).trim()
}

/** Names in it, without the `e` of 1e6. */
function wordsIn(sum: string): string[] {
  return (
    sum
      .replace(NUMBER, ' ')
      .match(WORD)
      ?.map((word) => word.toLowerCase()) ?? []
  )
}

function hasValue(sum: string): boolean {
  return /\d/.test(sum) || wordsIn(sum).some((word) => CONSTANTS.has(word))
}

/** Whether something is done with its values, and it is nothing but a sum: no address, no date. */
function works(sum: string): boolean {
  if (!/^[\p{L}\d\s.,+\-*/^%!()_]+$/u.test(sum) || /^\d{4}-\d\d-\d\d$/.test(sum)) return false
  return /[\w)!%]\s*(?:[-+*/^%]|mod\b)\s*[-+(\w.]/.test(sum) || /[A-Za-z]\d*\s*\(/.test(sum) || /[\d)]\s*!/.test(sum)
}
