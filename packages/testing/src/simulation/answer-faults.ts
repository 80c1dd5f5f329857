// What may be wrong between what agents said and heard, and what is in the log.
import { isDeepStrictEqual } from 'node:util'
import { type Event, type MessageClosed, type RoomId, type RunEnded, type RunId, textOf } from '@parley/protocol'
import type { Witness } from '../witness.ts'
import { type Telling, type Tellings, wordsOf } from './tellings.ts'

export function faultsOfAnswers(witness: Witness, tellings: Tellings): string[] {
  return witness.rooms.flatMap((room) => {
    const courses = coursesOf(witness, room)
    const faults = [...courses].flatMap(([run, course]) => {
      const told = tellings.of(run, course.holder)
      return [
        ...faultsOfText(course, told ?? tellings.all(run).at(-1)),
        ...faultsOfUsage(course, told),
        ...faultsOfSteering(course, told, courses),
      ]
    })
    return faults.map((fault) => `${room}: ${fault}`)
  })
}

/** How a run went. */
interface Course {
  readonly run: RunId
  /** Key of the message that it answers. */
  readonly cause: string
  /** The process that held it last. */
  holder: string
  readonly steering: string[]
  closed?: MessageClosed
  ended?: RunEnded
  /** Who wrote its end. */
  closer?: string | undefined
}

function coursesOf(witness: Witness, room: RoomId): ReadonlyMap<RunId, Course> {
  const courses = new Map<RunId, Course>()
  const byMessage = new Map<string, Course>()
  for (const event of witness.of(room).events) {
    const { fact } = event
    if (fact.type === 'run.started') {
      const { run, cause, node } = fact
      courses.set(run, { run, cause, holder: node, steering: [] })
    }
    const course = courseOf(event, courses, byMessage)
    if (course === undefined) continue
    if (fact.type === 'message.opened') byMessage.set(fact.message, course)
    else if (fact.type === 'run.resumed') course.holder = fact.node
    else if (fact.type === 'run.steered') course.steering.push(fact.cause)
    else if (fact.type === 'message.closed') course.closed = fact
    else if (fact.type === 'run.ended') {
      course.ended = fact
      course.closer = witness.breathOf(event).node
    }
  }
  return courses
}

function courseOf(
  { fact }: Event,
  courses: ReadonlyMap<RunId, Course>,
  byMessage: ReadonlyMap<string, Course>,
): Course | undefined {
  if ('run' in fact && fact.run !== undefined) return courses.get(fact.run)
  return fact.type === 'message.closed' ? byMessage.get(fact.message) : undefined
}

/** A whole answer is all that was said, one that was cut short the beginning of it. */
function faultsOfText({ run, closed }: Course, told: Telling | undefined): string[] {
  if (closed === undefined) return []
  const words = wordsOf(closed.parts)
  const said = told?.parts ?? []
  const fits = closed.outcome === 'completed' ? isDeepStrictEqual(words, said) : textOf(said).startsWith(textOf(words))
  return fits ? [] : [`${run} ${closed.outcome} as ${JSON.stringify(words)} of ${JSON.stringify(said)}`]
}

function faultsOfUsage({ run, ended }: Course, told: Telling | undefined): string[] {
  if (ended?.outcome !== 'completed' || told === undefined) return []
  const { inputTokens = 0, outputTokens = 0 } = ended.usage ?? {}
  const { input, output } = told.usage
  return inputTokens === input && outputTokens === output ? [] : [`${run} used ${input}/${output}, not as its end says`]
}

/**
 * A message that steers is looked at, or answered after the run by itself or with what followed it; unless the run was cut
 * short by the end of a server or by somebody who could not wait, which is told.
 */
function faultsOfSteering(
  { run, steering, ended, closer, holder }: Course,
  told: Telling | undefined,
  courses: ReadonlyMap<RunId, Course>,
): string[] {
  if (ended?.outcome === 'interrupted' || closer !== holder) return []
  if (ended?.outcome === 'cancelled' && told === undefined) return []
  const answered = new Set([...courses.values()].map(({ cause }) => cause))
  const last = steering.findLastIndex((cause) => answered.has(cause))
  return steering
    .filter((cause, index) => index > last && told?.heeded.has(cause) !== true)
    .map((cause) => `${cause} steered ${run}, and nobody ever looked at it`)
}
