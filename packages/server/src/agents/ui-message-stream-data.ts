// What a foreign library says as JSON that a room can keep.
import { isFields, isJson, type Json } from '@parley/protocol'
import type { Progress } from '../seams/agent.ts'

/** Characters of JSON of one data part. */
const MOST = 65_536

/** The value as JSON has it; what JSON cannot say is told in words. */
export function jsonOf(value: unknown): Json {
  if (isJson(value)) return value
  try {
    const plain: unknown = JSON.parse(JSON.stringify(value ?? null))
    return isJson(plain) ? plain : JSON.stringify(plain)
  } catch {
    return String(value)
  }
}

/** The same, of a size for a part of a message: fields that are too long are left out, and named in `omitted`. */
export function boundedJsonOf(value: unknown): Json {
  const json = jsonOf(value)
  if (JSON.stringify(json).length <= MOST) return json
  if (!isFields(json)) return { omitted: true }
  const fields = Object.entries(json)
  const most = MOST / fields.length
  const kept = fields.filter(([, field]) => JSON.stringify(field).length <= most)
  const omitted = fields.filter((field) => !kept.includes(field)).map(([name]) => name)
  return { ...Object.fromEntries(kept), omitted }
}

/** How far something has come, read from what it says of itself; undefined where it says nothing of the kind. */
export function progressOf(said: unknown): Progress | undefined {
  if (typeof said === 'string') return { text: said }
  if (!isFields(said)) return undefined
  const text = [said.text, said.message, said.status, said.title].find((field) => typeof field === 'string')
  const fraction = numberIn(said.fraction) ?? fractionOf(numberIn(said.progress)) ?? fractionOf(numberIn(said.percent))
  const step = numberIn(said.step)
  const steps = numberIn(said.steps) ?? numberIn(said.total)
  if (text === undefined && fraction === undefined && step === undefined) return undefined
  return {
    ...(text === undefined ? {} : { text: String(text) }),
    ...(fraction === undefined ? {} : { fraction }),
    ...(step === undefined ? {} : { step }),
    ...(steps === undefined ? {} : { steps }),
  }
}

function numberIn(field: unknown): number | undefined {
  return typeof field === 'number' && Number.isFinite(field) ? field : undefined
}

/** More than 1 is taken for a percentage. */
function fractionOf(number: number | undefined): number | undefined {
  return number === undefined || number <= 1 ? number : number / 100
}
