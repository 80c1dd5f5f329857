// Something that is measured: cases, each done by one or more servers in turn.
import type { Server } from './server.ts'
import type { Need, Subject } from './subjects/subject.ts'

/** How thorough a run is. */
export interface Scale {
  readonly name: 'quick' | 'standard' | 'large'
  /** Times that each server has its turn. */
  readonly rounds: number
  /** How long a load runs before it is looked at: a server's code is compiled well after some four seconds; quick figures are higher for it. */
  readonly warmMs: number
  /** How long it is looked at: long enough for some collections of garbage and a second of the server's CPU, where that can be. */
  readonly windowMs: number
}

/**
 * So many times longer does a load run warm that does few things a second: code is compiled well after it ran some ten thousand
 * times, and what servers cost until then says little of those that run for days.
 */
export const SELDOM = 3

export const scales: Readonly<Record<Scale['name'], Scale>> = {
  quick: { name: 'quick', rounds: 1, warmMs: 250, windowMs: 500 },
  standard: { name: 'standard', rounds: 3, warmMs: 4_000, windowMs: 4_000 },
  large: { name: 'large', rounds: 3, warmMs: 4_000, windowMs: 4_000 },
}

/** What was found, by name. */
export type Figures = Readonly<Record<string, number>>

/** How a figure is shown. */
export interface Column {
  readonly figure: string
  readonly title: string
  /** Behind the point. */
  readonly digits: number
}

export interface StartOptions {
  readonly need?: Need
  /** Where its log is, if it keeps one. Default: a folder of its own. */
  readonly data?: string
  readonly env?: Readonly<Record<string, string>>
}

/** One server's turn at one case. */
export interface Stage {
  readonly subject: Subject
  readonly scale: Scale
  /** What the first server of the case found in this round; undefined for that one itself. */
  readonly first: Figures | undefined
  /** Of this turn alone, gone afterwards. */
  readonly folder: string
  /** Starts the server on its core. It ends with the turn, if not before. */
  start(options?: StartOptions): Promise<Server>
}

export interface Case {
  readonly title: string
  readonly subjects: readonly Subject[]
  /** Default: the scale's. */
  readonly rounds?: number
  measure(stage: Stage): Promise<Figures>
}

export interface Work {
  readonly name: string
  readonly title: string
  /** What is done, in sentences. */
  readonly about: string
  readonly columns: readonly Column[]
  /** The figure by which servers are compared, of which less is better. Default: none. */
  readonly compares?: string
  cases(scale: Scale): readonly Case[]
}
