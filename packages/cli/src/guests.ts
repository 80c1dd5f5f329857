// Who this person is as a guest of each server: remembered in a file that only they can read.
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { isFields, isToken } from '@parley/protocol'
import type { Environment } from './terminal.ts'

export interface Guest {
  readonly token: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

/** Remembers at most one guest per server. */
export interface Guests {
  find(origin: string): Promise<Guest | undefined>
  keep(origin: string, guest: Guest): Promise<void>
}

export function configFolder(env: Environment): string {
  return join(env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'parley')
}

export function guestsIn(folder: string): Guests {
  const file = join(folder, 'guests.json')
  return {
    find: async (origin) => (await readGuests(file)).get(origin),
    async keep(origin, guest) {
      const guests = (await readGuests(file)).set(origin, guest)
      await mkdir(folder, { recursive: true, mode: 0o700 })
      // Written beside and moved over, so that nobody ever reads half a file.
      const draft = `${file}.${randomUUID()}`
      try {
        await writeFile(draft, `${JSON.stringify(Object.fromEntries(guests), undefined, 2)}\n`, { mode: 0o600 })
        await rename(draft, file)
      } finally {
        await rm(draft, { force: true })
      }
    },
  }
}

/** A file that is missing or damaged remembers nobody. */
async function readGuests(file: string): Promise<Map<string, Guest>> {
  const guests = new Map<string, Guest>()
  const kept = await readJsonFile(file)
  if (!isFields(kept)) return guests
  for (const [origin, guest] of Object.entries(kept)) if (isGuest(guest)) guests.set(origin, guest)
  return guests
}

async function readJsonFile(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof Error && 'code' in error && error.code === 'ENOENT'))
      return undefined
    throw error
  }
}

export function isGuest(value: unknown): value is Guest {
  return isFields(value) && isToken(value.token) && typeof value.expiresAt === 'number'
}
