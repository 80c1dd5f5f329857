// What befalls lines, servers, stores and clocks in a schedule. Each says in words what happened, or nothing when it could not.
import { goodDisk } from '../faulty-log.ts'
import type { WorldNode } from '../node.ts'
import type { Online, Weather } from '../weather.ts'
import type { Simulation } from './simulation.ts'

/** What happened, in words. */
type Happened = string | undefined

const HOUR_MS = 3_600_000

/** Something happens to somebody's line. */
export function line(what: string, happen: (weather: Weather, one: Online, here: Simulation) => void) {
  return (here: Simulation): Happened => {
    const one = here.chance.pick(here.world.online)
    happen(here.world.weather, one, here)
    return `${what} ${one.name}`
  }
}

function withNode({ world, chance }: Simulation, happen: (node: WorldNode) => Happened): Happened {
  return world.living.length === 0 ? undefined : happen(chance.pick(world.living))
}

/** Rather one that is at work. */
function withBusyNode(here: Simulation, happen: (node: WorldNode) => Happened): Happened {
  const busy = here.world.living.filter(({ engine }) => engine.counts.runs > 0)
  if (busy.length === 0 || here.chance.odds(0.3)) return withNode(here, happen)
  return happen(here.chance.pick(busy))
}

export function crash(here: Simulation): Happened {
  return withBusyNode(here, (node) => {
    const machine = here.chance.odds(0.3)
    here.sound = false
    node.crash(machine)
    return machine ? `the machine of ${node.name} dies` : `${node.name} crashes`
  })
}

export function drain(here: Simulation): Happened {
  return withNode(here, (node) => {
    if (node.state !== 'up') return undefined
    here.sound = false
    const graceMs = here.chance.pick([0, 500, 5_000])
    here.expectRefusal(node.drain(graceMs), [])
    return `${node.name} drains for ${graceMs} ms`
  })
}

/** Sometimes as long as it takes the others to believe that it is dead, so that it comes back while they end its runs. */
export function stall(here: Simulation): Happened {
  const { chance, world } = here
  return withBusyNode(here, (node) => {
    here.sound = false
    const ms = chance.pick([300, 3_000, chance.int(14_500, 17_500), chance.int(15_500, 25_000)])
    node.stall(ms)
    for (const other of world.living)
      if (other !== node && chance.odds(0.5)) world.weather.disk(other, { writeMs: [100, 300] })
    return `${node.name} stalls for ${ms} ms`
  })
}

export function addNode(here: Simulation): Happened {
  return here.world.living.length >= 3 ? undefined : `${here.world.addNode().name} starts`
}

export function spoilDisk(here: Simulation): Happened {
  const { chance, world } = here
  return withNode(here, (node) => {
    const disk = {
      writeMs: [0, chance.pick([2, 50, 500])],
      answerMs: [0, chance.pick([2, 50, 500])],
      refused: chance.pick([0, 0, 0.3, 0.9]),
      denied: chance.pick([0, 0, 0.3]),
    } as const
    here.sound = false
    world.weather.disk(node, disk)
    return `disk of ${node.name}: ${JSON.stringify(disk)}`
  })
}

export function mendDisk(here: Simulation): Happened {
  return withNode(here, (node) => {
    here.world.weather.disk(node, goodDisk)
    return `disk of ${node.name} is well`
  })
}

export function spoilRumours({ chance, world }: Simulation): Happened {
  const gossip = {
    lost: chance.pick([0, 0.3, 1]),
    doubled: chance.pick([0, 0.5]),
    flightMs: [0, chance.pick([3, 30, 1_000])],
  } as const
  world.weather.gossip(gossip)
  return `rumours: ${JSON.stringify(gossip)}`
}

export function trim(here: Simulation): Happened {
  const { chance, world } = here
  if (world.witness.rooms.length === 0) return undefined
  const room = chance.pick(world.witness.rooms)
  const head = world.witness.position(room).seq
  const upTo = Math.min(chance.odds(0.5) ? head : chance.int(0, head), here.settledUpTo(room))
  here.forgetful = true
  here.expectRefusal(world.log.trim(room, upTo), [])
  return `${room} is forgotten up to ${upTo}`
}

export function setClock(here: Simulation): Happened {
  const { chance, world } = here
  const ms = chance.pick([-HOUR_MS, -1_000, 1_000, HOUR_MS])
  // A server that is wrong about the time by hours is wrong about the end of tokens.
  if (chance.odds(0.5) && (!here.tokensEnd || Math.abs(ms) < HOUR_MS))
    return withNode(here, (node) => {
      node.clock.jump(ms)
      return `clock of ${node.name} jumps by ${ms}`
    })
  const device = chance.pick(world.devices)
  device.setClock(ms)
  return `clock of ${device.name} jumps by ${ms}`
}
