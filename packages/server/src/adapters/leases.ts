// Who may do what only one may do, for logs that one process has to itself: such leases need no disk.
interface Held {
  readonly holder: string
  readonly until: number
}

/** Takes or renews leases; `now` in ms since 1970. See `Log.lease`. */
export function leases(now: () => number): (name: string, holder: string, ttlMs: number) => boolean {
  const held = new Map<string, Held>()
  return (name, holder, ttlMs) => {
    const time = now()
    for (const [old, { until }] of held) if (until <= time) held.delete(old)
    const present = held.get(name)
    if (present !== undefined && present.holder !== holder) return false
    held.set(name, { holder, until: time + ttlMs })
    return true
  }
}
