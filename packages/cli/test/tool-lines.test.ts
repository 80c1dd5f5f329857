import type { ToolPicture } from '@parley/client'
import type { ToolProgress } from '@parley/protocol'
import { expect, test } from 'vitest'
import { Milestones, waysOfTools } from '../src/chat/milestones.ts'
import { linesOfTool, progressText } from '../src/tool-lines.ts'
import { ada, guide } from './world.ts'

const index: ToolPicture = {
  call: 'c',
  run: 'r',
  message: 'm',
  by: guide,
  name: 'index',
  title: 'Index the docs',
  input: { folder: 'docs' },
  state: 'running',
}

const lines = (more: Partial<ToolPicture>) => linesOfTool({ ...index, ...more }).map(({ text }) => text)
const progress = (more: Partial<ToolProgress>): ToolProgress => ({
  type: 'tool.progress',
  run: 'r',
  call: 'c',
  ...more,
})

test('how far a tool has come is a bar, a number and words', () => {
  expect(lines({ progress: progress({ fraction: 0.48, text: '12 of 25 files' }) })).toEqual([
    'Index the docs ▓▓▓▓░░░░ 48 % 12 of 25 files',
  ])
  expect(progressText(progress({ step: 1, steps: 4 }))).toBe('▓▓░░░░░░ 25 % 1 of 4')
  expect(progressText(progress({ step: 3 }))).toBe('step 3')
  expect(progressText(progress({ text: 'reading' }))).toBe('reading')
  expect(progressText(progress({}))).toBe('…')
})

test('a hundred per cent is only what is done, and nothing is more', () => {
  expect(progressText(progress({ fraction: 0.999 }))).toBe('▓▓▓▓▓▓▓░ 99 %')
  expect(progressText(progress({ fraction: 7 }))).toBe('▓▓▓▓▓▓▓▓ 100 %')
  expect(progressText(progress({ fraction: -1 }))).toBe('░░░░░░░░ 0 %')
})

test('each state of a tool has its words', () => {
  expect(lines({ state: 'asking' })).toEqual(['Index the docs {"folder":"docs"}: allow? /approve or /deny [reason]'])
  expect(lines({ state: 'cancelling' })).toEqual(['Index the docs {"folder":"docs"} stopping …'])
  expect(lines({ state: 'ok' })).toEqual(['Index the docs {"folder":"docs"} done'])
  expect(lines({ state: 'timed_out' })).toEqual(['Index the docs {"folder":"docs"} took too long'])
  expect(lines({ state: 'denied', approval: { until: 0, approved: false, user: ada, reason: 'no' } })).toEqual([
    'Index the docs {"folder":"docs"} denied by Ada: no',
  ])
  const failure = { code: 'approval.over', message: 'nobody decided\nin time' }
  expect(lines({ state: 'denied', approval: { until: 0, approved: false }, failure })).toEqual([
    'Index the docs {"folder":"docs"} denied: nobody decided in time',
  ])
  expect(lines({ state: 'denied', approval: { until: 0, approved: false, user: ada }, failure })).toEqual([
    'Index the docs {"folder":"docs"} denied by Ada',
  ])
  const { input: _, ...unwritten } = index
  expect(linesOfTool({ ...unwritten, state: 'writing', inputText: '{"fol' })).toEqual([
    { kind: 'tool', text: 'Index the docs {"fol …' },
  ])
})

test('what a tool prints reaches the terminal without control characters', () => {
  expect(lines({ printed: '\u001b[31mred\u001b[0m\nnext\n\n' })).toEqual([
    'Index the docs {"folder":"docs"} …',
    'red',
    'next',
  ])
})

test('where a bar cannot grow, each quarter is told once', () => {
  const milestones = new Milestones()
  const tools = new Map([['c', index]])
  const hear = (fraction: number) =>
    milestones.hear(waysOfTools({ tools, progress: new Map([['c', progress({ fraction })]]) }))
  expect([0, 0.1, 0.3, 0.29, 0.31, 0.8, 1].flatMap(hear)).toEqual([
    'Index the docs ░░░░░░░░ 0 %',
    'Index the docs ▓▓░░░░░░ 30 %',
    'Index the docs ▓▓▓▓▓▓░░ 80 %',
    'Index the docs ▓▓▓▓▓▓▓▓ 100 %',
  ])
})
