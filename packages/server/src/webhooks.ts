// Tells other servers what happens in rooms: each hook by its own courier, beside the rooms and never in their way.
import type { Engine } from './engine/engine.ts'
import { Courier, type CourierParts } from './webhooks-courier.ts'
import type { Hook } from './webhooks-hook.ts'

export interface Webhooks {
  /** Tells what can be told within `graceMs`, then stops. What is left is told by the next process on this log. */
  leave(graceMs: number): Promise<void>
  /** Stops at once. Resolves when the log is not used any more. */
  stop(): Promise<void>
}

/** From here on each hook is told of what it wants, beginning with what it lacks from before. */
export function startWebhooks(
  hooks: readonly Hook[],
  { engine, ...parts }: Omit<CourierParts, 'node'> & { readonly engine: Pick<Engine, 'node' | 'watch'> },
): Webhooks {
  const couriers = hooks.map((hook) => {
    const courier = new Courier(hook, { ...parts, node: engine.node })
    const stopWatching = engine.watch('*', (room, event) => {
      if (hook.wants(room, event)) courier.hear(room)
    })
    courier.begin()
    return { courier, stopWatching }
  })
  const stop = async (): Promise<void> => {
    for (const { stopWatching } of couriers) stopWatching()
    await Promise.all(couriers.map(({ courier }) => courier.stop()))
  }
  return {
    stop,
    async leave(graceMs) {
      const { promise: late, resolve } = Promise.withResolvers<void>()
      const stopWaiting = parts.clock.after(graceMs, resolve)
      await Promise.race([late, Promise.all(couriers.map(({ courier }) => courier.calm()))])
      stopWaiting()
      await stop()
    },
  }
}
