// From the moment a model's server writes a piece to the moment a client's socket has it.
import { setTimeout as pause } from 'node:timers/promises'
import { fakeAnthropic } from '@parley/testing'
import { type Figures, server, spread, tokenFor, Wire } from './measure.ts'

const STAMP = /~([\d.]+)~/gu

async function stream(pieces: number, paceMs: number): Promise<string> {
  const model = await fakeAnthropic()
  const running = await server({ PARLEY_AGENT: 'claude', ANTHROPIC_API_KEY: 'bench', ANTHROPIC_BASE_URL: model.url })
  const wire = await Wire.open(running.url, await tokenFor('reader'))
  async function* stamped(): AsyncIterable<string> {
    for (let n = 0; n < pieces; n += 1) {
      await pause(paceMs)
      yield `~${performance.now()}~ `
    }
  }
  model.script({ blocks: [{ type: 'text', pieces: stamped() }] })
  const times: number[] = []
  const ended = new Promise<void>((resolve) => {
    wire.onPage = (frame) => {
      const now = performance.now()
      const text = JSON.stringify(frame)
      if (text.includes('"message.closed"')) return resolve()
      for (const [, stamp] of text.matchAll(STAMP)) times.push(now - Number(stamp))
    }
  })
  const room = `session:${crypto.randomUUID()}`
  await wire.ask({ type: 'join', room })
  await wire.ask({ type: 'post', room, id: 'q', parts: 'go' })
  await ended
  wire.close()
  await running.stop()
  await model.close()
  return `a piece every ${paceMs} ms: ${spread(times)}`
}

export async function measureChunks(): Promise<Figures> {
  return [await stream(200, 40), await stream(600, 5)]
}
