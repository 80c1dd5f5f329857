// One server's turn at one case, in a process of its own on the generator's core. Its figures are its output.
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { onCore } from './machine.ts'
import { profiled } from './profile.ts'
import { type Server, startServer } from './server.ts'
import { SECRET } from './subjects/parley.ts'
import { type Figures, type Scale, type StartOptions, scales, type Work } from './work.ts'

/** How a turn is told to its process: as JSON, its only argument. */
export interface Turn {
  readonly work: string
  /** Which of the work's cases. */
  readonly index: number
  readonly subject: string
  readonly scale: Scale['name']
  /** See `Stage.first`. */
  readonly first: Figures | undefined
  /** Of the whole run. */
  readonly folder: string
  /** Of this turn alone. */
  readonly own: string
  readonly serverCore?: number
  /** Where profiles of the server go, if they are wanted. */
  readonly profiles?: string
}

const LONGER = 3

const turn: Turn = JSON.parse(process.argv[2] ?? '')
const given = scales[turn.scale]
// Longer for a profile, so that it is the load that is seen in it.
const scale = turn.profiles === undefined ? given : { ...given, windowMs: given.windowMs * LONGER }
// This one alone: others bring what takes long to load.
const { work }: { readonly work: Work } = await import(`./works/${turn.work}.ts`)
const found = work.cases(scale)[turn.index]
const subject = found?.subjects.find(({ name }) => name === turn.subject)
if (found === undefined || subject === undefined) throw new Error('there is no such turn')
const theirs = subject
const running = new Set<Server>()

async function start({ need = 'relay', data, env = {} }: StartOptions = {}): Promise<Server> {
  const command = profiled(theirs.command(need, turn.folder), turn.profiles)
  const server = await startServer(onCore(turn.serverCore, command), {
    PORT: '0',
    PARLEY_DATA: data ?? mkdtempSync(join(turn.own, 'data-')),
    PARLEY_SECRET: SECRET,
    PARLEY_AGENT: 'none',
    PARLEY_LOG_LEVEL: 'warn',
    PARLEY_RATE: '0',
    ...env,
  })
  const stop = async (): Promise<void> => {
    running.delete(server)
    await theirs.check?.(server.port)
    await server.stop()
  }
  running.add(server)
  return { ...server, stop }
}

const figures = await found.measure({ subject, scale, first: turn.first, folder: turn.own, start })
for (const { port } of running) await subject.check?.(port)
console.log(JSON.stringify(figures))
// What is left of this turn ends with its group of processes, at once; but a profile is written at a server's own end.
if (turn.profiles !== undefined) for (const server of running) await server.stop()
process.exit()
