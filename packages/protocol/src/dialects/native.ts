// The native dialect, subprotocol `parley.v1`: the core's own words as JSON, one object per frame.
import { compact } from '../page.ts'
import { parseCommand, readJson } from '../parse.ts'
import type { Dialect } from './dialect.ts'

/** `Sec-WebSocket-Protocol` of the native dialect. */
export const SUBPROTOCOL = 'parley.v1'

export const native: Dialect<undefined> = {
  name: 'native',
  resumes: true,
  shares: true,
  echoes: true,
  takesPieces: true,
  welcomesGuests: false,
  begin: () => undefined,
  opening: () => [],
  decode(text) {
    const read = readJson(text)
    return ['problem' in read ? read : parseCommand(read.json)]
  },
  reply(reply) {
    return 'answer' in reply
      ? [JSON.stringify({ type: 'reply', ref: reply.ref, answer: reply.answer })]
      : [JSON.stringify({ type: 'reply', ref: reply.ref, problem: reply.problem })]
  },
  notice: (notice) => [JSON.stringify(notice)],
  page: (page) => [JSON.stringify({ type: 'page', page: compact(page) })],
  signals: (room, signals) => [JSON.stringify({ type: 'signals', room, signals })],
  asks: () => [],
}
