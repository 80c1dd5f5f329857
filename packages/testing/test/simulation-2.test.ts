// People, networks and machines as chance has it: another thousand schedules.
import { testSchedules } from './schedules.ts'

testSchedules(1_001, 1_000)
