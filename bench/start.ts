// From the spawn of the process to the line that says that it is ready.
import { type Figures, server } from './measure.ts'

export async function measureStart(): Promise<Figures> {
  const times: number[] = []
  for (let round = 0; round < 5; round += 1) {
    const running = await server()
    times.push(running.startedMs)
    await running.stop()
  }
  return [`median of 5: ${times.toSorted((a, b) => a - b)[2]?.toFixed(0)} ms`]
}
