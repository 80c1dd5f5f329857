// The conversation of programs: each line that comes in is a message, each line that goes out something that was said.
import type { Client } from '@parley/client'
import { Refusal, type RoomId } from '@parley/protocol'
import { answered, inRoom, type Said, say, watch } from '../answers.ts'
import { type Approvals, mindApprovals } from '../approvals.ts'
import { refused } from '../ending.ts'
import { oneLine } from '../printable.ts'
import { Teller } from '../teller.ts'
import { type Colours, unless } from '../terminal.ts'

export interface PipeParts {
  readonly client: Client
  readonly room: RoomId
  readonly colours: Colours
  readonly approvals: Approvals
  /** Ends early when `stopped` aborts. */
  lines(stopped: AbortSignal): AsyncIterable<string>
  /** Aborts with the reason to end. */
  readonly stopped: AbortSignal
  print(line: string): void
  note(line: string): void
}

/** So many messages may be on their way at once. */
const MOST_ON_THE_WAY = 32

/**
 * Says every line as it is. Resolves when each is in the log and all answers to them are over; rejects with the reason
 * to stop, or with an `Ending` where some were refused or one of `approvals` means the end.
 */
export async function pipe(parts: PipeParts): Promise<void> {
  const { client, colours, print, note } = parts
  const room = client.room(parts.room)
  const teller = new Teller(print, colours)
  const stop = watch(room, (picture) => teller.hear(picture))
  const minding = mindApprovals({
    room,
    approvals: parts.approvals,
    ours: (run, { runs }) => runs.get(run)?.cause.startsWith(`${client.state.actor?.id}/`) === true,
    note,
  })
  const stopped = AbortSignal.any([parts.stopped, minding.signal])
  const sends: Promise<Said | Refusal>[] = []
  try {
    for await (const line of parts.lines(stopped)) {
      if (line.trim() === '') continue
      // They arrive in order: when this one has, there are not too many behind it.
      await unless(stopped, Promise.resolve(sends[sends.length - MOST_ON_THE_WAY]))
      sends.push(
        saying(
          say(room, line, () => client.state.actor?.id ?? ''),
          line,
          note,
        ),
      )
    }
    const outcomes = await unless(stopped, Promise.all(sends))
    await unless(
      stopped,
      inRoom(room, ({ position, problem }) => position ?? problem),
    )
    const said = outcomes.flatMap((outcome) => (outcome instanceof Refusal ? [] : [outcome]))
    await unless(stopped, answered(room, said))
    const refusal = outcomes.find((outcome) => outcome instanceof Refusal)
    if (refusal !== undefined) throw refused(refusal.problem, refusal)
  } finally {
    minding.stop()
    stop()
  }
}

/** A refusal is told at once, and the next lines are said all the same. */
function saying(said: Promise<Said>, line: string, note: (line: string) => void): Promise<Said | Refusal> {
  const outcome = said.catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error
    note(`refused: ${oneLine(line)}: ${error.message}`)
    return error
  })
  // Looked at in the end; until then it is nobody's surprise.
  outcome.catch(() => {})
  return outcome
}
