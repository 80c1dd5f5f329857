import type { Device } from './device.ts'
import { goodDisk } from './faulty-log.ts'
import type { WorldNode } from './node.ts'
import type { Simulation } from './simulation.ts'
import type { Online } from './weather.ts'

/** Kinds of trouble. Each schedule has only some of them, so that one does not drown another. */
export const troubles = [
  'lines',
  'crashes',
  'refreshes',
  'disks',
  'rumours',
  'retention',
  'clocks',
  'rooms',
  'strangers',
  'stalls',
] as const
export type Trouble = (typeof troubles)[number]

export interface Deed {
  readonly weight: number
  /** Only done where there is this trouble. */
  readonly trouble?: Trouble
  /** Not done where there is this trouble. */
  readonly unless?: Trouble
  /** What was done, for the trace. */
  readonly act: (simulation: Simulation) => string | undefined
}

const HOUR_MS = 3_600_000

export const deeds: readonly Deed[] = [
  { weight: 30, act: (here) => withDevice(here, (device) => here.post(device, here.roomOf(device), here.words())) },
  { weight: 4, act: burst },
  { weight: 3, unless: 'retention', act: again },
  { weight: 8, act: cancel },
  { weight: 3, act: older },
  { weight: 5, trouble: 'lines', act: withLine('drop', (here, device) => here.world.weather.drop(device)) },
  { weight: 4, trouble: 'lines', act: withLine('cut', (here, device) => here.world.weather.cut(device)) },
  { weight: 4, trouble: 'lines', act: withLine('freeze', (here, device) => here.world.weather.freeze(device)) },
  {
    weight: 4,
    trouble: 'lines',
    act: withLine('slow', (here, device) => here.world.weather.slow(device, here.chance.pick([0.05, 1, 20]))),
  },
  {
    weight: 2,
    trouble: 'lines',
    act: withLine('distant', (here, device) => here.world.weather.distant(device, 10, here.chance.int(20, 3_000))),
  },
  { weight: 2, trouble: 'lines', act: withLine('refuse', (here, device) => here.world.weather.refuse(device, 0.7)) },
  { weight: 9, trouble: 'lines', act: withLine('mend', (here, device) => here.world.weather.mend(device)) },
  { weight: 5, trouble: 'refreshes', act: (here) => withDevice(here, refresh) },
  { weight: 2, trouble: 'refreshes', act: (here) => withDevice(here, quit) },
  { weight: 2, trouble: 'refreshes', act: (here) => withDevice(here, close) },
  { weight: 4, trouble: 'refreshes', act: open },
  { weight: 3, trouble: 'crashes', act: crash },
  { weight: 2, trouble: 'crashes', act: drain },
  { weight: 4, trouble: 'crashes', act: addNode },
  { weight: 3, trouble: 'stalls', act: stall },
  { weight: 4, trouble: 'disks', act: spoilDisk },
  {
    weight: 3,
    trouble: 'disks',
    act: mendDisk,
  },
  { weight: 4, trouble: 'rumours', act: spoilRumours },
  { weight: 5, trouble: 'retention', unless: 'stalls', act: trim },
  { weight: 2, trouble: 'clocks', act: setClock },
  { weight: 3, trouble: 'rooms', act: (here) => withDevice(here, leave) },
  { weight: 4, trouble: 'rooms', act: (here) => withDevice(here, watch) },
  { weight: 3, trouble: 'strangers', act: intrude },
]

function withDevice(
  here: Simulation,
  act: (device: Device, here: Simulation) => string | undefined,
): string | undefined {
  const running = here.world.devices.filter((device) => device.running)
  return running.length === 0 ? undefined : act(here.chance.pick(running), here)
}

function withLine(what: string, act: (here: Simulation, one: Online) => void): Deed['act'] {
  return (here) => {
    const one = here.chance.pick(here.world.online)
    act(here, one)
    return `${what} ${one.name}`
  }
}

function withNode(here: Simulation, act: (node: WorldNode) => string | undefined): string | undefined {
  const { living } = here.world
  return living.length === 0 ? undefined : act(here.chance.pick(living))
}

function burst(here: Simulation): string | undefined {
  return withDevice(here, (device) => {
    const room = here.roomOf(device)
    return Array.from({ length: here.chance.int(3, 12) }, () => here.post(device, room, here.words())).join(', ')
  })
}

/** Says something with an id that was used before: by the same user or another, with the same words or others. */
function again(here: Simulation): string | undefined {
  const { attempts, chance } = here
  if (attempts.length === 0) return undefined
  const { room, id, text } = chance.pick(attempts)
  return withDevice(here, (device) => here.post(device, room, chance.odds(0.5) ? text : here.words(), id))
}

function cancel(here: Simulation): string | undefined {
  return withDevice(here, (device) => {
    const id = here.roomOf(device)
    const runs = [...device.picture(id).runs.values()]
    if (runs.length === 0) return undefined
    const working = runs.filter(({ state }) => state === 'running')
    const run = here.chance.pick(working.length > 0 ? working : runs)
    here.expectRefusal(device.room(id).cancel(run.id), ['run.over', 'access.denied', 'storage.unavailable'])
    return `${device.name} cancels ${run.id} in ${id}`
  })
}

function older(here: Simulation): string | undefined {
  return withDevice(here, (device) => {
    const id = here.roomOf(device)
    here.expectRefusal(device.room(id).older(here.chance.int(1, 30)), ['access.denied', 'storage.unavailable'])
    return `${device.name} looks back in ${id}`
  })
}

function refresh(device: Device): string {
  device.refresh()
  return `refresh ${device.name}`
}

function quit(device: Device, { chance }: Simulation): string {
  const battery = chance.odds(0.5)
  device.quit(battery)
  return battery ? `the battery of ${device.name} is empty` : `${device.name} quits`
}

function close(device: Device, here: Simulation): string {
  here.expectRefusal(device.close(), [])
  return `${device.name} closes`
}

function open(here: Simulation): string | undefined {
  const off = here.world.devices.filter((device) => !device.running)
  if (off.length === 0) return undefined
  const device = here.chance.pick(off)
  device.open()
  return `open ${device.name}`
}

function crash(here: Simulation): string | undefined {
  return withNode(here, (node) => {
    const machine = here.chance.odds(0.3)
    here.sound = false
    node.crash(machine)
    return machine ? `the machine of ${node.name} dies` : `${node.name} crashes`
  })
}

function drain(here: Simulation): string | undefined {
  return withNode(here, (node) => {
    if (node.state !== 'up') return undefined
    here.sound = false
    const graceMs = here.chance.pick([0, 500, 5_000])
    here.expectRefusal(node.drain(graceMs), [])
    return `${node.name} drains for ${graceMs} ms`
  })
}

/** Sometimes as long as it takes the others to believe that it is dead, so that it comes back while they end its runs. */
function stall(here: Simulation): string | undefined {
  const { chance, world } = here
  const busy = world.living.find(({ engine }) => engine.counts.runs > 0)
  return withNode(here, (any) => {
    here.sound = false
    const node = busy !== undefined && chance.odds(0.7) ? busy : any
    const ms = chance.pick([300, 3_000, chance.int(14_500, 17_500)])
    node.stall(ms)
    for (const other of world.living)
      if (other !== node && chance.odds(0.5)) world.weather.disk(other, { writeMs: [100, 300] })
    return `${node.name} stalls for ${ms} ms`
  })
}

function addNode(here: Simulation): string | undefined {
  return here.world.living.length >= 3 ? undefined : `${here.world.addNode().name} starts`
}

function spoilDisk(here: Simulation): string | undefined {
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

function mendDisk(here: Simulation): string | undefined {
  return withNode(here, (node) => {
    here.world.weather.disk(node, goodDisk)
    return `disk of ${node.name} is well`
  })
}

function spoilRumours({ chance, world }: Simulation): string {
  const gossip = {
    lost: chance.pick([0, 0.3, 1]),
    doubled: chance.pick([0, 0.5]),
    flightMs: [0, chance.pick([3, 30, 1_000])],
  } as const
  world.weather.gossip(gossip)
  return `rumours: ${JSON.stringify(gossip)}`
}

function trim(here: Simulation): string | undefined {
  const { chance, world } = here
  if (world.witness.rooms.length === 0) return undefined
  const room = chance.pick(world.witness.rooms)
  const head = world.witness.head(room)
  const upTo = Math.min(chance.odds(0.5) ? head : chance.int(0, head), here.settledUpTo(room))
  here.expectRefusal(world.log.trim(room, upTo), [])
  return `${room} is forgotten up to ${upTo}`
}

function setClock(here: Simulation): string | undefined {
  const { chance, world } = here
  const ms = chance.pick([-HOUR_MS, -1_000, 1_000, HOUR_MS])
  if (chance.odds(0.5))
    return withNode(here, (node) => {
      node.clock.jump(ms)
      return `clock of ${node.name} jumps by ${ms}`
    })
  const device = chance.pick(world.devices)
  device.setClock(ms)
  return `clock of ${device.name} jumps by ${ms}`
}

function leave(device: Device, here: Simulation): string {
  const room = here.roomOf(device)
  device.leave(room)
  return `${device.name} leaves ${room}`
}

function watch(device: Device, here: Simulation): string | undefined {
  const room = here.chance.pick(here.openTo(device))
  if (device.watching.includes(room)) return undefined
  device.watch(room)
  return `${device.name} watches ${room}`
}

/** Somebody tries to read, write and stop where they may not. */
function intrude(here: Simulation): string | undefined {
  const { world, chance } = here
  const intruder = world.devices.find((device) => device.running && here.forbiddenTo(device).length > 0)
  if (intruder === undefined) return undefined
  const room = chance.pick(here.forbiddenTo(intruder))
  const way = chance.pick(['reads', 'writes', 'stops'])
  if (way === 'reads') intruder.watch(room)
  else if (way === 'writes') return here.post(intruder, room, here.words())
  else here.expectRefusal(intruder.room(room).cancel('run-1'), ['access.denied', 'room.unknown', 'storage.unavailable'])
  return `${intruder.name} ${way} in ${room}`
}
