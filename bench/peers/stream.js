// A stream of pieces at a fixed pace, as a model would send them; each says when it was due.
import { setTimeout as pause } from 'node:timers/promises'

/** Milliseconds since 1970. */
const now = () => performance.timeOrigin + performance.now()

const stamp = (ms) =>
  `~T${Math.round(ms * 1000)
    .toString(16)
    .padStart(16, '0')}`

/** Sends `pieces` pieces, one every `everyMs`, beginning at a moment of its own. */
export async function stream({ everyMs, pieces }, send) {
  const begun = now() + Math.random() * everyMs
  for (let number = 1; number <= pieces; number += 1) {
    const due = begun + number * everyMs
    await pause(Math.max(0, Math.ceil(due - now())))
    send({ type: 'piece', text: `${stamp(due)} some words of an answer ` })
  }
  send({ type: 'end' })
}
