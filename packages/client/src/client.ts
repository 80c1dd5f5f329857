// The client: one connection, and the rooms that live on it.
import {
  type Author,
  type Problem,
  problem,
  Refusal,
  type RoomId,
  type RoomSummary,
  retryAfterClose,
  roomId,
} from '@parley/protocol'
import { type Backoff, standardBackoff } from './backoff.ts'
import { type Counters, type Diagnostics, noCounts } from './diagnostics.ts'
import { dialWebSocket } from './dial.ts'
import type { Ground } from './ground.ts'
import { Link, type News } from './link.ts'
import type { LinkState, Welcome } from './link-state.ts'
import { Outbox } from './outbox.ts'
import { type OutboxStore, standardOutbox } from './outbox-store.ts'
import { Requests } from './requests.ts'
import { Room } from './room.ts'
import type { Chance, Clock, Dial, Stop, Token } from './seams.ts'
import { systemChance, systemClock } from './system.ts'
import { Turn, Watched } from './watched.ts'
