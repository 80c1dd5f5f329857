// The command line as a whole: what can be typed, and what each way to end looks like.
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { addChat } from './chat.ts'
import { causesOf, type Ending, endingOf, exitCodes } from './ending.ts'
import { ENVIRONMENT, EXIT_CODES, examples } from './help.ts'
import { addSave } from './save.ts'
import { addSend } from './send.ts'
import { addServe } from './serve.ts'
import { addTail } from './tail.ts'
import { note, type Terminal } from './terminal.ts'
import { addToken } from './token.ts'
import { addUpload } from './upload.ts'

/** Runs what was typed. Resolves with the exit code; everything there is to say has been said. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  let verbose = false
  const program = programOn(terminal).hook('preAction', (_, command) => {
    verbose = command.opts().verbose === true
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCodes.ok
  } catch (error) {
    if (error instanceof CommanderError) return endOfParsing(error, terminal)
    const ending = endingOf(error)
    tell(ending, verbose, terminal)
    return exitCodes[ending.kind]
  }
}

function programOn(terminal: Terminal): Command {
  const program = new Command('parley')
    .description('Conversations with people and agents that nothing breaks: a server, and a terminal to it.')
    .version(versionOf(), '-V, --version')
    .helpCommand(true)
    .showHelpAfterError('(--help shows what can be typed)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
    })
    .addHelpText(
      'after',
      examples(
        ['run a server, then talk with its agent in another terminal', 'parley serve'],
        ['talk', 'parley chat'],
        ['one question, one answer', "parley send lobby --wait '@guide what is a room?'"],
        ['show a photo', 'parley upload lobby photo.jpg'],
        ['follow a room as NDJSON', 'parley tail lobby | jq .fact'],
      ) +
        ENVIRONMENT +
        EXIT_CODES,
    )
  for (const add of [addServe, addChat, addSend, addTail, addUpload, addSave, addToken]) add(program, terminal)
  return program
}

/** Help and version end well; commander has said already what was wrong with the rest. */
function endOfParsing({ exitCode, code, message }: CommanderError, terminal: Terminal): number {
  // Those that were thrown outside of its parsing it has not said.
  if (code === 'commander.invalidArgument' && !message.startsWith('error:')) note(terminal, `error: ${message}`)
  return exitCode === 0 ? exitCodes.ok : exitCodes.usage
}

function tell(ending: Ending, verbose: boolean, terminal: Terminal): void {
  if (ending.message !== '') note(terminal, `parley: ${ending.message}`)
  if (verbose) for (const cause of causesOf(ending)) note(terminal, cause)
}

function versionOf(): string {
  const file: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return file.version
}
