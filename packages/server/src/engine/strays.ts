// Whose work is being done: an error that escapes from a tool or an agent, out of a timer or a forgotten promise, is known by that.
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'

export interface Culprit {
  readonly agent?: string
  readonly tool?: string
}

const atWork = new AsyncLocalStorage<Culprit>()

/** Does something in the name of a tool or an agent. What it leaves behind, timers and promises, is done in its name too. */
export function inNameOf<T>(culprit: Culprit, act: () => T): T {
  return atWork.run(culprit, act)
}

/** Like {@link inNameOf} for what is done again and again. */
export function everInNameOf(culprit: Culprit): <T>(act: () => T) => T {
  // What `AsyncLocalStorage.snapshot` does, without the function that it makes anew for each, with properties that warn.
  const resource = atWork.run(culprit, () => new AsyncResource('parley.agent'))
  return (act) => resource.runInAsyncScope(act)
}

/** In whose name the present work is done; undefined for the server's own. Also within a handler of uncaught errors. */
export function culprit(): Culprit | undefined {
  return atWork.getStore()
}
