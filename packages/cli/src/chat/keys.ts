// What a key does to the line being typed.
import type { Key } from 'ink'
import {
  backspace,
  type Composer,
  clear,
  deleteToEnd,
  deleteToStart,
  deleteWord,
  forwardDelete,
  insert,
  left,
  lineEnd,
  lineStart,
  look,
  moveTo,
  right,
  sent,
  wordLeft,
  wordRight,
} from './composer.ts'

type Act = { readonly does: 'send'; readonly text: string } | { readonly does: 'interrupt' | 'quit' }

export interface Pressed {
  readonly composer: Composer
  /** In order; a pasted text may hold several lines. */
  readonly acts: readonly Act[]
}

type Keys = Partial<Key>

export function press(composer: Composer, input: string, key: Keys): Pressed {
  if (key.ctrl) return pressControl(composer, input)
  if (key.return) return key.meta || key.shift ? keep(insert(composer, '\n')) : send(composer)
  if (key.leftArrow) return keep(moveTo(composer, key.meta ? wordLeft(composer) : left(composer)))
  if (key.rightArrow) return keep(moveTo(composer, key.meta ? wordRight(composer) : right(composer)))
  if (key.upArrow) return keep(look(composer, -1))
  if (key.downArrow) return keep(look(composer, 1))
  if (key.home) return keep(moveTo(composer, lineStart(composer)))
  if (key.end) return keep(moveTo(composer, lineEnd(composer)))
  if (key.backspace) return keep(key.meta ? deleteWord(composer) : backspace(composer))
  if (key.delete) return keep(forwardDelete(composer))
  if (key.escape || key.tab || key.pageUp || key.pageDown) return keep(composer)
  if (key.meta) return pressMeta(composer, input)
  return type(composer, input)
}

function keep(composer: Composer): Pressed {
  return { composer, acts: [] }
}

function send(composer: Composer): Pressed {
  if (composer.text.trim() === '') return keep(clear(composer))
  return { composer: sent(composer), acts: [{ does: 'send', text: composer.text }] }
}

function pressControl(composer: Composer, input: string): Pressed {
  switch (input) {
    case 'c':
      return { composer, acts: [{ does: 'interrupt' }] }
    case 'd':
      return composer.text === '' ? { composer, acts: [{ does: 'quit' }] } : keep(forwardDelete(composer))
    case 'a':
      return keep(moveTo(composer, lineStart(composer)))
    case 'e':
      return keep(moveTo(composer, lineEnd(composer)))
    case 'b':
      return keep(moveTo(composer, left(composer)))
    case 'f':
      return keep(moveTo(composer, right(composer)))
    case 'p':
      return keep(look(composer, -1))
    case 'n':
      return keep(look(composer, 1))
    case 'h':
      return keep(backspace(composer))
    case 'j':
      return keep(insert(composer, '\n'))
    case 'k':
      return keep(deleteToEnd(composer))
    case 'u':
      return keep(deleteToStart(composer))
    case 'w':
      return keep(deleteWord(composer))
    default:
      return keep(composer)
  }
}

function pressMeta(composer: Composer, input: string): Pressed {
  if (input === 'b') return keep(moveTo(composer, wordLeft(composer)))
  if (input === 'f') return keep(moveTo(composer, wordRight(composer)))
  return keep(composer)
}

/** Fast hands and simple terminals deliver several keys at once: each carriage return in them sends. */
function type(composer: Composer, input: string): Pressed {
  const [first = '', ...lines] = input.split('\r')
  let pressed = keep(insert(composer, typeable(first)))
  for (const line of lines) {
    const { composer: after, acts } = send(pressed.composer)
    pressed = { composer: insert(after, typeable(line)), acts: [...pressed.acts, ...acts] }
  }
  return pressed
}

/** Pasted text as it may stand in a message: its lines stay, nothing is sent. */
export function paste(composer: Composer, text: string): Composer {
  return insert(composer, typeable(text.replaceAll(/\r\n?/g, '\n')))
}

function typeable(text: string): string {
  return text.replaceAll('\t', '  ').replaceAll(/(?!\n)\p{Cc}/gu, '')
}
