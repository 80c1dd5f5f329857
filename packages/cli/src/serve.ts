// `parley serve`: the ready server, until it is told to stop.
import type { Command } from 'commander'
import { Ending } from './ending.ts'
import { examples } from './help.ts'
import { type Environment, print, type Terminal, whenAborted } from './terminal.ts'

interface Setting {
  readonly flag: string
  readonly env: string
  readonly what: string
}

/** Each flag stands for a variable of the environment, and wins over it. */
const settings: readonly Setting[] = [
  { flag: '--port <number>', env: 'PORT', what: 'port to listen on, 0 for any free one (default: 3000)' },
  { flag: '--host <address>', env: 'HOST', what: 'address to listen on (default: 127.0.0.1)' },
  { flag: '--data <folder>', env: 'PARLEY_DATA', what: 'where rooms are kept (default: ./data)' },
  { flag: '--log <kind>', env: 'PARLEY_LOG', what: 'sqlite, or memory: for trials that leave nothing behind' },
  { flag: '--durability <level>', env: 'PARLEY_DURABILITY', what: 'full: survives power loss; normal: a crash' },
  { flag: '--retention-days <days>', env: 'PARLEY_RETENTION_DAYS', what: 'forget events older than this' },
  { flag: '--agent <name>', env: 'PARLEY_AGENT', what: 'who answers: guide, claude, openai, echo or none' },
  {
    flag: '--overlap <policy>',
    env: 'PARLEY_OVERLAP',
    what: 'a message during a run: queue, steer, interrupt or refuse (default: queue)',
  },
  { flag: '--origins <list>', env: 'PARLEY_ORIGINS', what: 'other origins whose pages may connect, comma-separated' },
  {
    flag: '--log-level <level>',
    env: 'PARLEY_LOG_LEVEL',
    what: 'least level on stderr: debug, info, warn, error, silent',
  },
]

type ServeOptions = Readonly<Record<string, string | boolean | undefined>>

export function addServe(program: Command, terminal: Terminal): void {
  const command = program
    .command('serve')
    .summary('run a server')
    .description(
      `Run a server. When it is ready, one line on stdout names its URL; the log goes to stderr as JSON.
SIGTERM or Ctrl-C lets running answers end and clients move on; a second Ctrl-C ends at once.`,
    )
  for (const { flag, env, what } of settings) command.option(flag, `${what} [${env}]`)
  command
    .option('--guests', 'let people without a token in as guests (default: on a loopback host without a secret)')
    .option('--no-guests', 'only with a token [PARLEY_GUESTS=off]')
    .option('--verbose', 'show the causes of a failure')
    .addHelpText(
      'after',
      examples(
        ['try it: page, terminal and an agent that knows the docs', 'parley serve'],
        ['nothing is kept, any free port', 'parley serve --log memory: --port 0'],
        ['for others', 'PARLEY_SECRET=... parley serve --host 0.0.0.0 --origins https://example.org'],
        ['with Claude', 'ANTHROPIC_API_KEY=... parley serve'],
      ),
    )
    .action((options: ServeOptions) => serve(environmentWith(options, terminal.env), terminal))
}

/** The environment with what the flags say instead. */
export function environmentWith(options: ServeOptions, env: Environment): Environment {
  const said: Record<string, string> = {}
  for (const { flag, env: name } of settings) {
    const value = options[attributeOf(flag)]
    if (typeof value === 'string') said[name] = value
  }
  if (typeof options.guests === 'boolean') said.PARLEY_GUESTS = options.guests ? 'on' : 'off'
  return { ...env, ...said }
}

/** `--retention-days <days>` is kept as `retentionDays`. */
function attributeOf(flag: string): string {
  const [name = ''] = flag.slice(2).split(' ')
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

async function serve(env: Environment, terminal: Terminal): Promise<void> {
  const { configFromEnv, createServer, SettingError } = await import('@parley/server')
  try {
    const server = await createServer(configFromEnv(env))
    print(terminal, `Parley is ready at ${server.url}`)
    await whenAborted(terminal.stopped)
    await server.close()
  } catch (cause) {
    if (cause instanceof SettingError) throw new Ending('usage', cause.message, { cause })
    if (cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE')
      throw new Ending('failure', `${cause.message}. Choose another port with --port, or 0 for any free one.`, {
        cause,
      })
    throw cause
  }
}
