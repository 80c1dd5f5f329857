// `parley save`: writes a file of a room to this machine.
import { pipeline } from 'node:stream/promises'
import type { RoomId } from '@parley/protocol'
import type { Command } from 'commander'
import { addConnectOptions, type ConnectOptions, openConnection } from './connection.ts'
import { noteConnection } from './connection-notes.ts'
import { Ending } from './ending.ts'
import { fileText, wayText } from './file-lines.ts'
import { findFile } from './found-files.ts'
import { examples } from './help.ts'
import { Meter } from './meter.ts'
import { parseId, parseRoom } from './parse.ts'
import { counted, saveAs } from './saving.ts'
import { print, type Terminal, unless } from './terminal.ts'

interface SaveOptions extends ConnectOptions {
  readonly force?: boolean
}

export function addSave(program: Command, terminal: Terminal): void {
  const command = program
    .command('save')
    .summary('save a file of a room')
    .description(
      `Save a file that a message of a room holds. It is written to <path>.part, and gets its name when all of it is there
and is what was sent. The id is what \`parley upload\` printed, or \`parley tail\` tells.`,
    )
    .argument('<room>', 'the room', parseRoom)
    .argument('<id>', 'the id of the file', parseId)
    .argument('<path>', "where to; a folder takes it under its own name, '-' is stdout")
    .option('--force', 'overwrite what is there; with -, write to a terminal too')
  addConnectOptions(command)
    .addHelpText(
      'after',
      examples(
        ['into this folder', 'parley save lobby 7c9e6679-7425-40de-944b-e07fc1f90ae7 .'],
        [
          'every file of a room, and those to come',
          `parley tail lobby --from-start | jq -r '.fact.parts[]?.attachment?.id // empty' | while read id; do parley save lobby $id files; done`,
        ],
        ['straight into something else', 'parley save backups $id - | gunzip | psql shop'],
      ),
    )
    .action((room: RoomId, id: string, path: string, options: SaveOptions) => save(room, id, path, options, terminal))
}

async function save(roomId: RoomId, id: string, path: string, options: SaveOptions, terminal: Terminal): Promise<void> {
  const { force = false } = options
  if (path === '-' && terminal.stdout.isTTY === true && !force)
    throw new Ending('usage', 'Others wrote this file: name a path for it, or --force it onto this terminal.')
  const { client, lost, close } = await openConnection(options, terminal)
  const patience = lost(options.timeout)
  const signal = AbortSignal.any([terminal.stopped, patience.signal])
  const meter = new Meter(terminal)
  const deaf = noteConnection(client, (line) => meter.note(line))
  try {
    const file = await unless(signal, findFile(client.room(roomId), id))
    if (file === undefined) throw new Ending('failure', `No message that ${roomId} still keeps holds a file ${id}.`)
    const progressed = (bytes: number) => meter.show(wayText(file.name, bytes, file.size))
    const bytes = counted(client.download(file, { signal }), progressed)
    if (path === '-') await unless(signal, pipeline(bytes, terminal.stdout, { end: false, signal }))
    else print(terminal, await saveAs(bytes, file, path, { force, signal }))
    meter.note(fileText(file))
  } finally {
    meter.clear()
    deaf()
    patience.stop()
    await close()
  }
}
