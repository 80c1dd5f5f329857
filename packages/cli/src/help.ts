// The parts of `--help` that teach.
import { exitCodes } from './ending.ts'

/** Examples below a command's options: what it is for, and what to type. */
export function examples(...pairs: readonly (readonly [what: string, type: string])[]): string {
  return `\nExamples:\n${pairs.map(([what, type]) => `  # ${what}\n  $ ${type}`).join('\n')}\n`
}

export const ENVIRONMENT = `
Environment:
  PARLEY_URL       the server, as --url
  PARLEY_TOKEN     the token, as --token, but not to be seen in the list of processes
  PARLEY_SECRET    what \`parley token\` signs with and \`parley serve\` checks tokens with
  PARLEY_DATA      the data folder of \`parley serve\` (default ./data)
  XDG_CONFIG_HOME  where guests are remembered, in parley/guests.json (default ~/.config)
  NO_COLOR         no colours
  \`parley serve --help\` names those of the server.
`

export const EXIT_CODES = `
Exit codes:
  ${exitCodes.ok}    done
  ${exitCodes.failure}    something failed; --verbose shows the cause
  ${exitCodes.usage}    the command line was not understood
  ${exitCodes.refused}    the server refused
  ${exitCodes.offline}    no connection within --timeout
  ${exitCodes.approval}    an agent asks to use a tool, with --approvals exit
  ${exitCodes.interrupted}  interrupted`
