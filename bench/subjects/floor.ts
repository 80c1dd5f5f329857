// The floor: a relay in C that does little more than ask the kernel.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { firstLine } from '../machine.ts'
import { plain } from './relay.ts'
import type { Subject } from './subject.ts'

const SOURCE = fileURLToPath(new URL('../floor/floor.c', import.meta.url))

const compiler = (): string | undefined => ['cc', 'gcc', 'clang'].find((name) => firstLine(name, '--version'))
const programIn = (folder: string): string => join(folder, 'floor')

export const floor: Subject = {
  name: 'C floor',
  about: 'a relay in C on epoll, one write for all that a turn of its loop has for a socket; reads no JSON',
  tongue: plain,
  prepare(folder) {
    const cc = compiler()
    if (cc === undefined) return 'there is no C compiler'
    const { status, stderr } = spawnSync(cc, ['-O2', '-o', programIn(folder), SOURCE], { encoding: 'utf8' })
    return status === 0 ? undefined : `it cannot be compiled: ${stderr}`
  },
  version: () => firstLine(compiler() ?? '', '--version') ?? '',
  command: (_, folder) => [programIn(folder)],
}
