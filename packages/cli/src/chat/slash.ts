// What a typed line means: a message, or a command that begins with a slash.
import { type RoomId, roomId } from '@parley/protocol'
import { ROOM_RULE } from '../parse.ts'
import { firstWord } from './words.ts'

/** About people and work in the room. */
export type WorkWish =
  | { readonly does: 'who' }
  /** `filter`: a status, @user, or `all`. Without it: what is to be done. */
  | { readonly does: 'tasks'; readonly filter?: string }
  | { readonly does: 'task'; readonly title: string }
  /** `task`: the end of its id, or all of it. `user` undefined: nobody. */
  | { readonly does: 'assign'; readonly task: string; readonly user: string | undefined }
  | { readonly does: 'progress'; readonly task: string; readonly progress: number; readonly status?: string }

/** About what goes on in the room. */
export type RoomWish =
  | WorkWish
  | { readonly does: 'say' | 'steer' | 'edit'; readonly text: string }
  /** Without `call`: about the one that has waited longest. */
  | { readonly does: 'approve' | 'deny'; readonly call?: string; readonly reason?: string }
  | { readonly does: 'stop tools' | 'retry' | 'discard' }

/** About files, here and there. */
type FileWish =
  | { readonly does: 'attach'; readonly paths: readonly string[]; readonly caption: string }
  /** `file`: its number as it is shown, or its id. */
  | { readonly does: 'save'; readonly file: string; readonly path: string }

export type Typed =
  | RoomWish
  | FileWish
  | { readonly does: 'search'; readonly text: string }
  | { readonly does: 'join'; readonly room: RoomId | undefined }
  | { readonly does: 'help' | 'leave' | 'rooms' | 'older' | 'stop' | 'quit' | 'nothing' }
  | { readonly does: 'complain'; readonly why: string }

export const HELP = [
  '/join [room]     go to a room; without a name, begin a new private conversation',
  '/leave           leave this room',
  '/rooms           list the rooms you can join, and how much is unread there',
  '/who             list who is here',
  '/search <words>  look for messages, in all rooms',
  '/older           show earlier messages',
  '/attach <path> [caption]        send a file; several: "one.jpg" "two.jpg" caption',
  '/save <file> <path>             save a file that is shown, by its number or id',
  '/approve [call]  allow the tool that asks; y does the same',
  '/deny [reason]   do not allow it; n does the same',
  '/stop            stop the answer that is being written, and files on their way, as Ctrl-C does',
  '/stop tool       stop the tools that are at work; the answer goes on',
  '/steer <text>    say something to the agent that is at work, instead of after it',
  '/edit <text>     say your last message better; what answered it is replaced',
  '/retry           send what was refused once more, else have the last answer written anew',
  '/discard         forget what was refused',
  '/tasks [filter]  list the tasks: those to be done, or a status, @user, all',
  '/task <title>    make a task',
  '/assign <task> <user>           give a task to somebody, or to nobody (-)',
  '/progress <task> <n> [status]   say how far it has come, 0 to 100',
  '/quit            end; the conversation stays on the server',
  '//text           say something that begins with a slash',
] as const

export function understand(line: string): Typed {
  const text = line.trimEnd()
  if (text.trim() === '') return { does: 'nothing' }
  if (text.startsWith('//')) return { does: 'say', text: text.slice(1) }
  if (!text.startsWith('/')) return { does: 'say', text }
  const [, name = '', rest = ''] = /^\/(\S*)\s*(.*)$/s.exec(text) ?? []
  return command(name, rest)
}

function command(name: string, rest: string): Typed {
  switch (name) {
    case 'join':
      return /\s/.test(rest) ? complain('/join takes one room') : join(rest)
    case 'approve':
      return /\s/.test(rest)
        ? complain('/approve takes one call')
        : { does: name, ...(rest === '' ? {} : { call: rest }) }
    case 'deny':
      return { does: name, ...(rest === '' ? {} : { reason: rest }) }
    case 'steer':
    case 'edit':
      return rest === '' ? complain(`/${name} takes what you want to say`) : { does: name, text: rest }
    case 'stop':
    case 'cancel':
      return stop(rest)
    case 'search':
      return rest === '' ? complain('/search takes the words to look for') : { does: name, text: rest }
    case 'tasks':
      return { does: name, ...(rest === '' ? {} : { filter: rest }) }
    case 'task':
      return rest === '' ? complain('/task takes what is to be done') : { does: name, title: rest }
    case 'assign':
      return assign(rest)
    case 'attach':
      return attach(rest)
    case 'save':
      return save(rest)
    case 'progress':
      return progress(rest)
    case 'help':
    case 'who':
    case 'leave':
    case 'rooms':
    case 'older':
    case 'retry':
    case 'discard':
    case 'quit':
      return rest === '' ? { does: name } : complain(`/${name} takes nothing after it`)
    default:
      return complain(`There is no command /${name}. /help lists them; begin with // to say it as it is.`)
  }
}

function assign(rest: string): Typed {
  const [task, user, ...more] = rest.split(/\s+/)
  if (!task || user === undefined || more.length > 0)
    return complain('/assign takes a task and a user, or - for nobody')
  return { does: 'assign', task, user: user === '-' ? undefined : user }
}

function progress(rest: string): Typed {
  const [, task, number, status] = /^(\S+)\s+(\d+)\s?%?(?:\s+(\S+))?$/.exec(rest) ?? []
  if (task === undefined || Number(number) > 100)
    return complain('/progress takes a task, a number from 0 to 100, and perhaps a status')
  return { does: 'progress', task, progress: Number(number), ...(status === undefined ? {} : { status }) }
}

/** The first word is a path, and so is each quoted one that follows. */
function attach(rest: string): Typed {
  const paths: string[] = []
  let caption = rest
  for (
    let word = firstWord(caption);
    word !== undefined && (paths.length === 0 || word.quoted);
    word = firstWord(caption)
  ) {
    paths.push(word.text)
    caption = word.rest
  }
  return paths.length === 0
    ? complain('/attach takes the path of a file, in quotes or not')
    : { does: 'attach', paths, caption }
}

function save(rest: string): Typed {
  const file = firstWord(rest)
  const path = firstWord(file?.rest ?? '')
  return file === undefined || path === undefined || path.rest !== ''
    ? complain('/save takes the number of a file, and where to: /save 1 photo.jpg')
    : { does: 'save', file: file.text, path: path.text }
}

/** What `line` decides where a tool asks: a plain yes or no, and nothing else. */
export function decisionOf(line: string): boolean | undefined {
  const word = line.trim().toLowerCase()
  if (word === 'y' || word === 'yes') return true
  return word === 'n' || word === 'no' ? false : undefined
}

function stop(rest: string): Typed {
  if (rest === '') return { does: 'stop' }
  return rest === 'tool' || rest === 'tools'
    ? { does: 'stop tools' }
    : complain('/stop takes nothing, or the word tool')
}

function join(text: string): Typed {
  if (text === '') return { does: 'join', room: undefined }
  const room = roomId(text)
  return room === undefined ? complain(ROOM_RULE) : { does: 'join', room }
}

function complain(why: string): Typed {
  return { does: 'complain', why }
}
