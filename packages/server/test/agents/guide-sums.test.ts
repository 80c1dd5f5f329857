import { describe, expect, test } from 'vitest'
import { guide } from '../../src/agents/guide.ts'
import { calculate } from '../../src/agents/guide-calculator.ts'
import { sumIn } from '../../src/agents/guide-sums.ts'
import { AgentFailure } from '../../src/seams/agent.ts'
import { ask } from './guide-world.ts'

describe('a sum is recognised', () => {
  test.each([
    ['what is 12 * (3 + 4)?', '12 * (3 + 4)'],
    ['calculate sqrt(2)', 'sqrt(2)'],
    ['2^10', '2^10'],
    ['15 % of 80', '15 / 100 * 80'],
    ['What is 15 percent of 80?', '15 / 100 * 80'],
    ['What’s 2+2, please?', '2+2'],
    ['how much is 3 × 4 ÷ 2 − 1 =', '3 * 4 / 2 - 1'],
    ['Hey guide, can you calculate 7 times 6?', '7 * 6'],
    ['what is the square root of 16', 'sqrt(16)'],
    ['3 squared plus 4 squared', '3 ^2 + 4 ^2'],
    ['2**8', '2^8'],
    ['3 x 4', '3 * 4'],
    ['what is 1,234,567 + 1?', '1234567 + 1'],
    ['what is max(100,200)?', 'max(100,200)'],
    ['Compute: Sin(pi / 2).', 'sin(pi / 2)'],
    ['what is 17 mod 5', '17 mod 5'],
    ['what is 5!', '5!'],
    ['1e6 / 2', '1e6 / 2'],
    ['2π + 1', '2pi + 1'],
    ['calculate 2 +', '2 +'],
    ['calculate 3 * x', '3 * x'],
    ['calculate pi', 'pi'],
  ])('in "%s"', (text, sum) => {
    expect(sumIn(text)).toBe(sum)
  })

  test.each([
    'what does 4001 mean',
    'What is 4001?',
    'What is FRUIT_17?',
    'What is Parley?',
    'What is a position?',
    'How do I start the server on port 3000?',
    '127.0.0.1:3000',
    '2024-11-20',
    '+1',
    '100%',
    '?!',
    '',
    'Is the server up 24/7?',
    'calculate the cost of hosting it for 3 years',
    'calculate',
    'docs/guide',
    'seq + epoch',
    'what is the maximum length of a message?',
    'what is e-mail',
  ])('not in "%s"', (text) => {
    expect(sumIn(text)).toBeUndefined()
  })
})

describe('what is worked out', () => {
  test.each([
    ['12 * (3 + 4)', 84],
    ['2^10', 1024],
    ['15 / 100 * 80', 12],
    ['80 + 15%', 92],
    ['-3!', -6],
    ['2 pi / tau', 1],
    ['nthRoot(27, 3) + cbrt(8) + log(8, 2)', 8],
    ['round(2.345, 2)', 2.35],
    ['gcd(12, 18) * lcm(4, 6) + mod(7, 4)', 75],
    ['mean(1, 2, 6) + median(1, 2, 6) + max(1, 2) + min(3, 4) + hypot(3, 4)', 15],
    ['0.1 + 0.2', 0.3],
    ['9007199254740991', 9007199254740991],
  ])('%s', async (expression, value) => {
    expect(await calculate(expression)).toEqual({ expression, value, rounded: false })
  })

  test.each([
    ['1 / 3', 0.33333333333333],
    ['2^64', 18446744073710000000],
    ['sqrt(3)', 1.7320508075689],
  ])('%s, rounded', async (expression, value) => {
    expect(await calculate(expression)).toEqual({ expression, value, rounded: true })
  })
})

describe('what is refused, in a sentence', () => {
  test.each([
    ['', 'plain numbers only'],
    ['2 +', 'Unexpected end of expression (char 4).'],
    ['sqrt(1, 2)', 'Too many arguments in function sqrt (expected: 1, actual: 2).'],
    ['3 * x', 'I do not know what “x” is.'],
    ['foo(3)', 'I know no function “foo”.'],
    ['sqrt', 'I do not know what “sqrt” is.'],
    ['1 / 0', 'too large, or not defined'],
    ['171!', 'too large, or not defined'],
    ['9^9^9^9^9', 'too large, or not defined'],
    ['sqrt(-1)', 'no value among the real numbers'],
    ['(-1)!', 'Value must be non-negative.'],
    ['1'.repeat(201), 'longer than 200 characters'],
  ])('%s', async (expression, why) => {
    const failure = await calculate(expression).catch((cause: unknown) => cause)
    expect(failure).toBeInstanceOf(AgentFailure)
    expect(failure).toMatchObject({ failure: { code: 'sum.wrong', message: expect.stringContaining(why) } })
  })

  test.each([
    'import({a: 1})',
    'import(1)',
    'config({})',
    'createUnit("x")',
    'evaluate("1 + 1")',
    'parse("1 + 1")',
    'compile("1")',
    'parser()',
    'simplify("x")',
    'derivative("x^2", "x")',
    'reviver(1)',
    'help(sin)',
    'chain(3)',
    'typed(1)',
    'cos.constructor("return process")()',
    '"a".constructor',
    '(3).toString()',
    'f(x) = f(x); f(1)',
    'f(x) = f(x + 1)',
    'sqrt = 3',
    'a = 1',
    '1; 2',
    '1\n2',
    '[1, 2, 3]',
    '1:1e9',
    'sum(1:1e9)',
    'map([1], sqrt)',
    '{a: 1}',
    '{}.constructor',
    '"a" + "b"',
    'concat("a", "b")',
    'print("$x", {x: 1})',
    'format(1/3)',
    'bigint("9") ^ bigint("999999999")',
    'combinations(1e15, 5e14)',
    'permutations(1e9)',
    'isPrime(9007199254740881)',
    'stirlingS2(1e6, 5e5)',
    'bellNumbers(1e6)',
    'zeta(2)',
    'random()',
    'true',
    'null',
    '1 ? 2 : 3',
    '1 < 2',
    '1 and 2',
    '1 | 2',
    '1 << 1000000',
    'process',
    'this',
    '__proto__',
    'constructor',
    'toString(1)',
    'hasOwnProperty("a")',
    '5 cm to inch',
    "2'",
    '# only a comment',
  ])('hostile: %s', async (expression) => {
    await expect(calculate(expression)).rejects.toThrow(AgentFailure)
  })

  test('nothing that is as long as it may be takes long or breaks', async () => {
    const hostile = [
      '(',
      '-',
      '!',
      '9^',
      '9!',
      'sqrt(',
      'factorial(',
      '1+',
      '9e99*',
      '%',
      '.',
      '1/',
      '\\',
      '\u0000',
      '🦜',
    ]
    for (const piece of hostile)
      for (const end of ['', '1', '9'.repeat(20), ')'.repeat(90)]) {
        const expression = piece.repeat(200).slice(0, 200 - end.length) + end
        const settled = await calculate(expression).catch((cause: unknown) => cause)
        if (settled instanceof Error) expect(settled, expression).toBeInstanceOf(AgentFailure)
      }
  })
})

describe('who asks the guide', () => {
  const agent = guide()

  test('is told the sum and its value, worked out by a tool', async () => {
    const { text, uses } = await ask(agent, 'what is 12 * (3 + 4)?')
    expect(uses).toMatchObject([
      { tool: { name: 'calculate' }, input: { expression: '12 * (3 + 4)' }, result: { output: { value: 84 } } },
    ])
    expect(text).toBe('`12 * (3 + 4)` = **84**')
  })

  test('is told when the value is rounded', async () => {
    expect((await ask(agent, 'calculate sqrt(2)')).text).toBe('`sqrt(2)` ≈ **1.4142135623731**')
  })

  test('is told what is wrong with the sum, and the tool has failed', async () => {
    const { text, uses } = await ask(agent, 'calculate 3 * x')
    expect(uses[0]?.result).toMatchObject({ outcome: 'failed', failure: { code: 'sum.wrong' } })
    expect(text).toBe('I cannot calculate that. I do not know what “x” is.')
  })

  test('hears that a sum is too long', async () => {
    const { text } = await ask(agent, `calculate ${'1 + '.repeat(60)}1`)
    expect(text).toBe('I cannot calculate that. It is longer than 200 characters.')
  })
})
