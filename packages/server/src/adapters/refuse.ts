// Where what a store refused becomes a refusal that is thrown.
import { Refusal } from '@parley/protocol'
import type { Refused } from './admit.ts'

export function refusal({ refused, message }: Refused): Refusal {
  return new Refusal(refused, message)
}

export function refuse(refused: Refused): never {
  throw refusal(refused)
}
