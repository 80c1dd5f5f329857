// Loads: each runs from when it is called until the function that it returns is.
import type { Tongue } from '../subjects/subject.ts'
import { settled } from './settled.ts'
import { micros, stamped, stampOf } from './stamp.ts'
import type { Tally } from './tally.ts'
import type { Wire } from './wire.ts'

/** Ends a load; resolves when all that was sent has arrived, rejects when it has not after some seconds. */
export type StopLoad = () => Promise<void>

/** Characters of a message. */
const TEXT = 120
/** How often it is looked what is due. */
const PACE_MS = 1

/** Each connection keeps so many messages under way that come back to it alone. */
export function echoes(wires: readonly Wire[], tongue: Tongue, outstanding: number, tally: Tally): StopLoad {
  const text = 'x'.repeat(TEXT)
  let sent = 0
  let going = true
  const send = (wire: Wire): void => {
    sent += 1
    wire.send(tongue.echo('room', stampOf(micros()), text))
  }
  for (const wire of wires) {
    let heard = 0
    wire.listener = {
      heard(bytes, from, to, now) {
        const before = tally.total
        tally.hear(bytes, from, to, now)
        heard += tally.total - before
      },
      rested() {
        for (; heard > 0; heard -= 1) if (going) send(wire)
      },
    }
    for (let count = 0; count < outstanding; count += 1) send(wire)
  }
  return () => {
    going = false
    return settled(tally, sent)
  }
}

/** The first publishes to the room of all, the next message when so many are outstanding: not heard by everybody. */
export function publishes(wires: readonly Wire[], tongue: Tongue, outstanding: number, tally: Tally): StopLoad {
  const [publisher] = wires
  const fan = wires.length
  let sent = 0
  let going = true
  const before = tally.total
  const fill = (): void => {
    while (going && (sent - outstanding) * fan < tally.total - before) publish()
  }
  const publish = (): void => {
    sent += 1
    publisher?.send(tongue.publish('room', stamped(micros(), TEXT)))
  }
  listen(wires, tally, fill)
  fill()
  return () => {
    going = false
    return settled(tally, before + sent * fan)
  }
}

export interface Pace {
  readonly perSecond: number
  /** The room where a member is. */
  readonly roomOf: (index: number) => string
  /** Members of a room. */
  readonly fan: number
}

/** All publish in turn; a message is as old as the moment when it was due. */
export function publishesAtRate(wires: readonly Wire[], tongue: Tongue, tally: Tally, pace: Pace): StopLoad {
  const { perSecond, roomOf, fan } = pace
  const before = tally.total
  listen(wires, tally)
  const stop = atRate(perSecond, (number, due) => {
    const index = number % wires.length
    wires[index]?.send(tongue.publish(roomOf(index), stamped(due, TEXT)))
  })
  return () => {
    const sent = stop()
    return settled(tally, before + sent * fan)
  }
}

export function listen(wires: readonly Wire[], tally: Tally, rested?: () => void): void {
  const heard = (bytes: Buffer, from: number, to: number, now: number): void => tally.hear(bytes, from, to, now)
  for (const wire of wires) wire.listener = rested === undefined ? { heard } : { heard, rested }
}

/** Calls `act` so often, with when it was due; what it could not do in time it does as soon as it can. Returns its end, which tells how often. */
export function atRate(perSecond: number, act: (number: number, due: number) => void): () => number {
  const begun = micros()
  let done = 0
  const timer = setInterval(() => {
    const due = ((micros() - begun) * perSecond) / 1e6
    for (; done <= due; done += 1) act(done, begun + (done * 1e6) / perSecond)
  }, PACE_MS)
  return () => {
    clearInterval(timer)
    return done
  }
}
