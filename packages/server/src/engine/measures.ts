// What the engine counts: each measure has its name here, and nowhere else.
import type { Command, Event, ProblemCode, ResetReason } from '@parley/protocol'
import type { Clock } from '../seams/clock.ts'
import type { Counter, Meter } from '../seams/meter.ts'
import { Appends } from './measures-appends.ts'

/** Seconds, from a tenth of a millisecond to ten seconds. */
const SECONDS = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10] as const

/** What is read whenever somebody looks. */
export interface Readings {
  connections(): number
  rooms(): number
  runs(): number
  laggingReaders(): number
  outboxBytes(): number
  loadLevel(): number
  lagMs(): number
}

export class Measures {
  readonly appends: Appends
  readonly deliveries: Counter
  readonly resumes: Counter
  readonly #events: Counter
  readonly #fanOut: (ms: number) => void
  readonly #runs: (outcome: string) => Counter
  readonly #tools: (outcome: string) => Counter
  readonly #commands: (type: string) => Counter
  readonly #refusals: (code: string) => Counter
  readonly #resets: (reason: string) => Counter
  readonly #uploads: Counter
  readonly #uploadBytes: Counter

  constructor(meter: Meter, clock: Pick<Clock, 'steady'>) {
    const seconds = (name: string, help: string): ((ms: number) => void) => {
      const histogram = meter.histogram({ name, help }, SECONDS)
      return (ms) => histogram.observe(ms / 1000)
    }
    this.appends = new Appends(clock, seconds('parley_append_seconds', 'Time until an append was durable or refused.'))
    this.#fanOut = seconds('parley_fan_out_seconds', 'Time from an event to the last socket of its room.')
    const counter = (name: string, help: string): Counter => meter.counter({ name, help })
    this.#events = counter('parley_events_appended_total', 'Events appended by this process.')
    this.deliveries = counter('parley_deliveries_total', 'Events told, each counted once per reader.')
    this.resumes = counter('parley_resumes_total', 'Joins from a position: readers that came back.')
    const by = (label: string, name: string, help: string) => meter.counters({ name, help }, label)
    this.#resets = by('reason', 'parley_resets_total', 'Readers whose position was of no use, by reason.')
    this.#runs = by('outcome', 'parley_runs_ended_total', 'Runs that this process ended, by outcome.')
    this.#tools = by('outcome', 'parley_tools_ended_total', 'Tool calls that this process ended, by outcome.')
    this.#commands = by('type', 'parley_commands_total', 'Commands of clients, by type.')
    this.#refusals = by('code', 'parley_refusals_total', 'Refusals told to clients, by code.')
    this.#uploads = counter('parley_uploads_total', 'Files that were received whole.')
    this.#uploadBytes = counter('parley_upload_bytes_total', 'Bytes of files that were received.')
    meter.gauge(
      { name: 'parley_appends_under_way', help: 'Appends that wait for the log.' },
      () => this.appends.underWay,
    )
  }

  /** Events that this process appended, once each. */
  appended(events: readonly Event[]): void {
    this.#events.add(events.length)
    for (const { fact } of events) {
      if (fact.type === 'run.ended') this.#runs(fact.outcome).add()
      else if (fact.type === 'tool.ended') this.#tools(fact.outcome).add()
    }
  }

  /** A page was handed to all who listen, `ms` after its first event had become known. */
  fannedOut(events: number, readers: number, ms: number): void {
    this.deliveries.add(events * readers)
    this.#fanOut(ms)
  }

  /** A page was told to one reader that catches up. */
  caughtUp(events: number, reset: ResetReason | undefined): void {
    this.deliveries.add(events)
    if (reset !== undefined && reset !== 'start') this.#resets(reset).add()
  }

  asked(command: Command): void {
    this.#commands(command.type).add()
    if (command.type === 'join' && command.at !== undefined) this.resumes.add()
  }

  /** So many bytes of a file came. */
  uploading(bytes: number): void {
    this.#uploadBytes.add(bytes)
  }

  /** A file is whole. */
  uploaded(): void {
    this.#uploads.add()
  }

  refused(code: ProblemCode): void {
    this.#refusals(code).add()
  }
}

export function readOut(meter: Meter, readings: Readings): void {
  const gauge = (name: string, help: string, read: () => number): void => meter.gauge({ name, help }, read)
  gauge('parley_connections', 'Open connections.', readings.connections)
  gauge('parley_rooms', 'Rooms that are open in this process.', readings.rooms)
  gauge('parley_runs', 'Runs at work or waiting for their turn.', readings.runs)
  gauge(
    'parley_lagging_readers',
    'Readers that are not live: they catch up, or their socket is full.',
    readings.laggingReaders,
  )
  gauge('parley_outbox_bytes', 'Bytes that wait for sockets.', readings.outboxBytes)
  gauge('parley_load_level', '0 normal, to 3: only what is urgent is taken.', readings.loadLevel)
  gauge(
    'parley_event_loop_lag_seconds',
    'Mean delay of the event loop over the last second.',
    () => readings.lagMs() / 1000,
  )
}
