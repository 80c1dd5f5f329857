// Arithmetic, and nothing else of what the library behind it can do.
import type { MathNode } from 'mathjs/number'
import { AgentFailure } from '../seams/agent.ts'

// A type, not an interface: it is told as JSON.
export type Sum = {
  readonly expression: string
  readonly value: number
  /** Whether the value was rounded. */
  readonly rounded: boolean
}

/** Longer expressions are refused, which also bounds how long any of them can take. */
export const LONGEST = 200
/** Significant digits of what is not a whole number, so that 0.1 + 0.2 is 0.3. */
const DIGITS = 14

export const CONSTANTS: ReadonlySet<string> = new Set(['pi', 'e', 'tau', 'phi'])

/** None of them runs longer with larger numbers, parses or calls anything, or can see what is not a number. */
export const FUNCTIONS: ReadonlySet<string> = new Set(
  (
    'abs sign round floor ceil sqrt cbrt nthRoot square cube pow exp log log2 log10 factorial gcd lcm mod hypot ' +
    'min max sum mean median sin cos tan asin acos atan atan2 sinh cosh tanh'
  ).split(' '),
)

const OPERATORS: ReadonlySet<string> = new Set(
  'add subtract multiply divide pow mod unaryMinus unaryPlus factorial'.split(' '),
)

/** Works it out. Rejects with an {@link AgentFailure} that says in a sentence what is wrong with it. */
export async function calculate(expression: string): Promise<Sum> {
  if (expression.length > LONGEST) throw failure(`It is longer than ${LONGEST} characters.`)
  const value = await solve(expression)
  if (Number.isNaN(value)) throw failure('It has no value among the real numbers.')
  if (!Number.isFinite(value)) throw failure('Its value is too large, or not defined.')
  if (Number.isSafeInteger(value)) return { expression, value, rounded: false }
  const digits = value.toPrecision(DIGITS)
  return { expression, value: Number(digits), rounded: Number.isInteger(value) || /[1-9](?:e.*)?$/.test(digits) }
}

type Library = typeof import('mathjs/number')

async function solve(expression: string): Promise<number> {
  // Large, and not needed by a guide that is never asked to calculate.
  const library = await import('mathjs/number')
  try {
    const tree = library.parse(expression)
    tree.traverse((node, path) => allow(library, node, path))
    const value: unknown = tree.evaluate()
    if (typeof value === 'number') return value
  } catch (cause) {
    throw cause instanceof AgentFailure ? cause : failure(complaint(cause), cause)
  }
  throw failure('It is not one number.')
}

/**
 * Only what is listed is worked out. The library's language has strings, lists, assignments, and functions that parse,
 * import or loop; forbidding them one by one would allow the next that it learns.
 */
function allow(library: Library, node: MathNode, path: string): void {
  if (library.isParenthesisNode(node)) return
  if (library.isConstantNode(node) && typeof node.value === 'number') return
  if (library.isOperatorNode(node) && OPERATORS.has(node.fn)) return
  if (library.isFunctionNode(node) && library.isSymbolNode(node.fn)) {
    if (FUNCTIONS.has(node.fn.name)) return
    throw failure(`I know no function “${node.fn.name}”.`)
  }
  if (library.isSymbolNode(node)) {
    // The name of a function has just been looked at, as part of its call.
    if (path === 'fn' || CONSTANTS.has(node.name)) return
    throw failure(`I do not know what “${node.name}” is.`)
  }
  throw failure('I can do arithmetic with plain numbers only.')
}

/** The library's own words, which name only what stands in the expression. */
function complaint(cause: unknown): string {
  const words = (cause instanceof Error ? cause.message : String(cause)).replace(/Number(?= \()/, '')
  return /[.!]$/.test(words) ? words : `${words}.`
}

function failure(message: string, cause?: unknown): AgentFailure {
  return new AgentFailure('sum.wrong', message, { cause })
}
