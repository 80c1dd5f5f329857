// All that is measured, in the order in which it is. Each lies in a file of its name.
import type { Work } from '../work.ts'
import { work as ack } from './ack.ts'
import { work as append } from './append.ts'
import { work as chunks } from './chunks.ts'
import { work as client } from './client.ts'
import { work as fanOut } from './fan-out.ts'
import { work as files } from './files.ts'
import { work as growthLog } from './growth-log.ts'
import { work as growthMembers } from './growth-members.ts'
import { work as growthRooms } from './growth-rooms.ts'
import { work as halfLoad } from './half-load.ts'
import { work as handshake } from './handshake.ts'
import { work as idle } from './idle.ts'
import { work as lagging } from './lagging.ts'
import { work as people } from './people.ts'
import { work as resume } from './resume.ts'
import { work as rooms } from './rooms.ts'
import { work as slowReader } from './slow-reader.ts'
import { work as start } from './start.ts'
import { work as streams } from './streams.ts'

export const works: readonly Work[] = [
  ack,
  fanOut,
  rooms,
  streams,
  halfLoad,
  handshake,
  idle,
  resume,
  files,
  slowReader,
  lagging,
  growthMembers,
  growthRooms,
  growthLog,
  chunks,
  append,
  client,
  people,
  start,
]
