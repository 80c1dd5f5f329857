// The command line: `npm run bench -- [--quick | --large] [--profile] [work …]`.
import { parseArgs } from 'node:util'
import type { Scale, Work } from './work.ts'

export interface Options {
  readonly scale: Scale['name']
  /** Where Parley's time goes is shown, instead of how it does beside the peers. */
  readonly profile: boolean
  /** Names of works; none means all. */
  readonly names: readonly string[]
}

export const usage = (works: readonly Work[]): string => `npm run bench -- [options] [work …]

  --quick     every work once and small: under two minutes
  --large     also what takes very long or much disk: a log of 10,000,000 events, one of 5 GB
  --profile   where Parley's CPU time goes in these works, thread by thread

works:
${works.map(({ name, title }) => `  ${name.padEnd(14)} ${title}`).join('\n')}`

/** Throws an `Error` for what cannot be understood. */
export function optionsFrom(args: readonly string[], works: readonly Work[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { quick: { type: 'boolean' }, large: { type: 'boolean' }, profile: { type: 'boolean' } },
  })
  const unknown = positionals.filter((name) => works.every((work) => work.name !== name))
  if (unknown.length > 0) throw new Error(`no work is called ${unknown.join(', ')}`)
  return {
    scale: values.quick === true ? 'quick' : values.large === true ? 'large' : 'standard',
    profile: values.profile === true,
    names: positionals,
  }
}
