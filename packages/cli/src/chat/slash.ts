// What a typed line means: a message, or a command that begins with a slash.
import { type RoomId, roomId } from '@parley/protocol'
import { ROOM_RULE } from '../parse.ts'

export type Typed =
  | { readonly does: 'say'; readonly text: string }
  | { readonly does: 'join'; readonly room: RoomId | undefined }
  | { readonly does: 'help' | 'leave' | 'rooms' | 'cancel' | 'older' | 'retry' | 'discard' | 'quit' }
  | { readonly does: 'nothing' }
  | { readonly does: 'complain'; readonly why: string }

export const HELP = [
  '/join [room]  go to a room; without a name, begin a new private conversation',
  '/leave        leave this room',
  '/rooms        list the rooms you can join',
  '/older        show earlier messages',
  '/cancel       stop the answer that is being written',
  '/retry        send what was refused once more',
  '/discard      forget what was refused',
  '/quit         end; the conversation stays on the server',
  '//text        say something that begins with a slash',
] as const

export function understand(line: string): Typed {
  const text = line.trimEnd()
  if (text.trim() === '') return { does: 'nothing' }
  if (text.startsWith('//')) return { does: 'say', text: text.slice(1) }
  if (!text.startsWith('/')) return { does: 'say', text }
  const [name = '', ...rest] = text.slice(1).trim().split(/\s+/)
  return rest.length > 0 && name !== 'join' ? complain(`/${name} takes nothing after it`) : command(name, rest)
}

function command(name: string, [room, ...more]: readonly string[]): Typed {
  switch (name) {
    case 'join':
      return more.length > 0 ? complain('/join takes one room') : join(room)
    case 'help':
    case 'leave':
    case 'rooms':
    case 'cancel':
    case 'older':
    case 'retry':
    case 'discard':
    case 'quit':
      return { does: name }
    default:
      return complain(`There is no command /${name}. /help lists them; begin with // to say it as it is.`)
  }
}

function join(text: string | undefined): Typed {
  if (text === undefined) return { does: 'join', room: undefined }
  const room = roomId(text)
  return room === undefined ? complain(ROOM_RULE) : { does: 'join', room }
}

function complain(why: string): Typed {
  return { does: 'complain', why }
}
