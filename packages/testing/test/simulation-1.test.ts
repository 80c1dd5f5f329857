// People, networks and machines as chance has it: the first thousand schedules.
import { testSchedules } from './schedules.ts'

testSchedules(1, 1_000)
