// `parley token`: a signed user token on stdout.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Grant } from '@parley/server'
import { type Command, Option } from 'commander'
import { Ending } from './ending.ts'
import { examples } from './help.ts'
import { parseDuration, parseGrant } from './parse.ts'
import { type Environment, print, type Terminal } from './terminal.ts'

interface TokenOptions {
  readonly user: string
  readonly name?: string
  readonly room?: readonly Grant[]
  readonly expires: number
  readonly data?: string
}

export function addToken(program: Command, terminal: Terminal): void {
  program
    .command('token')
    .summary('print a signed token for a user')
    .description(
      'Print a token (JWT) for a user, signed with PARLEY_SECRET or, where none is set, with the guest secret of a\n' +
        'server whose data folder is on this machine.',
    )
    .requiredOption('--user <id>', 'the user id that the token speaks for')
    .option('--name <name>', 'the name that others see')
    .option(
      '--room <room[:actions]>',
      "a room, or 'prefix*', with actions out of read,write,run,manage; repeatable (default: all rooms)",
      parseGrant,
    )
    .addOption(
      new Option('--expires <duration>', 'how long the token holds: 30s, 15m, 1h, 7d')
        .argParser(parseDuration)
        .default(3_600_000, '1h'),
    )
    .option('--data <folder>', 'the data folder of the local server (default: PARLEY_DATA, else ./data)')
    .option('--verbose', 'show the causes of a failure')
    .addHelpText(
      'after',
      examples(
        ['a token for an hour', 'parley token --user ada --name Ada'],
        ['may only read the lobby', 'parley token --user screen --room lobby:read --expires 7d'],
        [
          'keep it off the command line',
          'parley token --user ada > ada.token && parley chat lobby --token-file ada.token',
        ],
      ),
    )
    .action(async (options: TokenOptions) => print(terminal, await token(options, terminal.env)))
}

async function token({ user, name, room: rooms, expires, data }: TokenOptions, env: Environment): Promise<string> {
  const signing = await signingOf(data ?? (env.PARLEY_DATA || './data'), env)
  const { issueToken } = await import('@parley/server')
  return issueToken({
    ...signing,
    user,
    expiresInMs: expires,
    ...(name === undefined ? {} : { name }),
    ...(rooms === undefined ? {} : { rooms }),
  })
}

/** The secret, and what a server with the same environment expects beside it. */
async function signingOf(data: string, env: Environment) {
  const { PARLEY_SECRET: secret, PARLEY_ISSUER: issuer, PARLEY_AUDIENCE: audience } = env
  if (!secret) return { secret: await guestSecretIn(data) }
  return { secret, ...(issuer ? { issuer } : {}), ...(audience ? { audience } : {}) }
}

async function guestSecretIn(data: string): Promise<string> {
  const file = join(data, 'guest.secret')
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (cause) {
    throw new Ending(
      'failure',
      `There is nothing to sign with: set PARLEY_SECRET, or name the data folder of a local server that takes guests with --data (${file} can't be read).`,
      { cause },
    )
  }
}
