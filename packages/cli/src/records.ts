// The lines of `parley tail --json`: one JSON object per event, and one where the room begins anew.
import { compact, type Event, type Page, type ResetReason, type RoomId } from '@parley/protocol'

/** An event of the room's log, with the place that `--after` goes on from. */
export interface EventRecord extends Event {
  readonly room: RoomId
  readonly epoch: string
}

/** What was told before does not connect to what follows; `after` is where it begins. */
export interface ResetRecord {
  readonly room: RoomId
  readonly epoch: string
  readonly reset: ResetReason
  readonly after: number
}

/**
 * Growth of one message in one page is one event, and none where the message ends in it: its end carries the whole.
 * To begin where nothing was asked for by position is no break.
 */
export function recordsOf(page: Page): readonly (EventRecord | ResetRecord)[] {
  const { room, epoch, reset, after, events } = compact(page)
  const begin: readonly ResetRecord[] = reset === undefined || reset === 'start' ? [] : [{ room, epoch, reset, after }]
  return [...begin, ...events.map(({ seq, at, by, id, fact }) => record({ room, epoch, seq, at, by, fact }, id))]
}

/** Fields always come in the same order. */
function record({ fact, ...place }: EventRecord, id: string | undefined): EventRecord {
  return id === undefined ? { ...place, fact } : { ...place, id, fact }
}
