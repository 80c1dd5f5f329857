// @vitest-environment happy-dom
import type { Author, Task } from '@parley/protocol'
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { boardOf, goingIn } from '../src/tasks/board.ts'
import { TaskBoard } from '../src/tasks/task-board.tsx'

const ada: Author = { id: 'ada', kind: 'user', name: 'Ada' }
const guide: Author = { id: 'guide', kind: 'agent', name: 'Guide' }

function task(id: string, more: Partial<Task> = {}): Task {
  return { id, title: `Task ${id}`, status: 'open', progress: 0, priority: 2, ...more }
}

function show(tasks: readonly Task[], onCreate = vi.fn(async () => true)) {
  const onChange = vi.fn()
  const all = new Map(tasks.map((one) => [one.id, one]))
  render(
    <TaskBoard
      tasks={all}
      people={[ada, guide]}
      me="ada"
      onCreate={onCreate}
      onChange={onChange}
      trouble={undefined}
    />,
  )
  return { onCreate, onChange }
}

afterEach(cleanup)

test('tasks stand by status, what is being worked on first and what is over last, the urgent before the others', () => {
  const tasks = [
    task('a', { status: 'done' }),
    task('b', { priority: 3 }),
    task('c', { status: 'review' }),
    task('d', { priority: 0 }),
    task('e', { status: 'in_progress' }),
  ]
  expect(boardOf(tasks).map(({ status, tasks }) => [status, ...tasks.map(({ id }) => id)])).toEqual([
    ['in_progress', 'e'],
    ['open', 'd', 'b'],
    ['review', 'c'],
    ['done', 'a'],
  ])
  expect(goingIn(tasks)).toBe(4)
})

test('how far a task has come is a bar that can be read', () => {
  show([task('a', { progress: 40 })])
  expect(screen.getByRole('progressbar', { name: 'Task a' }).getAttribute('aria-valuenow')).toBe('40')
})

test('a task is given to somebody, and taken back', () => {
  const { onChange } = show([task('a', { assignee: 'ada' })])
  const choice = screen.getByRole('combobox', { name: 'Assigned to', hidden: true })
  fireEvent.change(choice, { target: { value: 'guide' } })
  fireEvent.change(choice, { target: { value: '' } })
  expect(onChange.mock.calls).toEqual([
    ['a', { assignee: 'guide' }],
    ['a', { assignee: null }],
  ])
})

test('status, priority and progress can be changed; a label of the app’s own stays among the choices', () => {
  const { onChange } = show([task('a', { status: 'review' })])
  const choice = (name: string) => screen.getByRole<HTMLSelectElement>('combobox', { name, hidden: true })
  expect(choice('Status').value).toBe('review')
  fireEvent.change(choice('Status'), { target: { value: 'done' } })
  fireEvent.change(choice('Priority'), { target: { value: '0' } })
  const slider = screen.getByRole('slider', { name: 'Progress', hidden: true })
  fireEvent.change(slider, { target: { value: '60' } })
  expect(onChange).toHaveBeenCalledTimes(2)
  fireEvent.pointerUp(slider)
  expect(onChange.mock.calls).toEqual([
    ['a', { status: 'done' }],
    ['a', { priority: 0 }],
    ['a', { progress: 60 }],
  ])
})

test('one can look at one’s own alone', () => {
  show([task('a', { assignee: 'ada' }), task('b')])
  fireEvent.click(screen.getByRole('button', { name: 'Mine' }))
  expect(screen.getAllByRole('progressbar')).toHaveLength(1)
  expect(within(screen.getByRole('region', { name: 'Open' })).getByText('Task a')).toBeTruthy()
})

test('a new task’s title stays until it was taken', async () => {
  const answers = [false, true]
  const { onCreate } = show(
    [],
    vi.fn(async () => answers.shift() ?? true),
  )
  const title = screen.getByRole<HTMLInputElement>('textbox', { name: 'New task' })
  const add = screen.getByRole<HTMLButtonElement>('button', { name: 'Add task' })
  expect(add.disabled).toBe(true)
  fireEvent.change(title, { target: { value: ' Write it ' } })
  fireEvent.click(add)
  await waitFor(() => expect(add.disabled).toBe(false))
  expect(title.value).toBe(' Write it ')
  fireEvent.click(add)
  await waitFor(() => expect(title.value).toBe(''))
  expect(onCreate.mock.calls).toEqual([['Write it'], ['Write it']])
})
