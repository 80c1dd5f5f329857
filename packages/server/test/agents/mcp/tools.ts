// A tool server for tests, as people write them: with the official package, served over stdio or HTTP.
import { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'

const text = (words: string) => ({ content: [{ type: 'text' as const, text: words }] })

/** What the tools have noticed: the names of calls that were cancelled. */
export const noticed: string[] = []

let go = (): void => undefined

export function toolServer(): McpServer {
  const server = new McpServer({ name: 'fixture', version: '1.0.0' }, { capabilities: { tools: {} } })
  const word = z.object({ text: z.string() })

  server.registerTool(
    'say.it',
    { description: 'Says it.', inputSchema: word, annotations: { title: 'Saying it', readOnlyHint: true } },
    ({ text: words }) => text(`said: ${words}`),
  )
  server.registerTool('say_it', { description: 'Says it too.', inputSchema: word }, ({ text: words }) => text(words))
  server.registerTool(
    'add',
    {
      title: 'Adding',
      description: 'Adds.',
      inputSchema: z.object({ a: z.number(), b: z.number() }),
      outputSchema: z.object({ sum: z.number() }),
      annotations: { destructiveHint: false },
    },
    ({ a, b }) => ({ ...text(`${a + b}`), structuredContent: { sum: a + b } }),
  )
  server.registerTool('wipe', { description: 'Wipes.', annotations: { destructiveHint: true } }, () => text('wiped'))
  server.registerTool('fail', { description: 'Fails.' }, () => ({ ...text('The disk is full.'), isError: true }))
  server.registerTool('show', { description: 'Shows.' }, () => ({
    content: [
      { type: 'text', text: 'Look:' },
      { type: 'image', mimeType: 'image/png', data: 'iVBORw0KGgo=' },
      { type: 'audio', mimeType: 'audio/wav', data: 'UklGRg==' },
      { type: 'resource_link', uri: 'file:///notes.txt', name: 'notes' },
      { type: 'resource', resource: { uri: 'file:///a.txt', text: 'inside' } },
      { type: 'resource', resource: { uri: 'file:///b.bin', blob: 'AAAA', mimeType: 'application/zip' } },
    ],
  }))
  server.registerTool('long', { description: 'Says much.' }, () => text('x'.repeat(300_000)))
  server.registerTool('steps', { description: 'Works in steps, each of which waits for `go`.' }, async (ctx) => {
    const progressToken = ctx.mcpReq._meta?.progressToken
    if (progressToken === undefined) return text('nobody watches')
    for (const progress of [1, 2]) {
      const step = Promise.withResolvers<void>()
      go = step.resolve
      await ctx.mcpReq.notify({
        method: 'notifications/progress',
        params: { progressToken, progress, total: 4, message: `step ${progress}` },
      })
      await step.promise
    }
    return text('done')
  })
  server.registerTool('go', { description: 'Lets `steps` go on.' }, () => {
    go()
    return text('going')
  })
  server.registerTool('wait', { description: 'Waits until it is cancelled.' }, async (ctx) => {
    const progressToken = ctx.mcpReq._meta?.progressToken
    if (progressToken !== undefined)
      await ctx.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress: 0 } })
    await new Promise<void>((resolve) => ctx.mcpReq.signal.addEventListener('abort', () => resolve()))
    noticed.push('wait')
    return text('cancelled')
  })
  server.registerTool('noticed', { description: 'What was cancelled.' }, () => text(noticed.join()))
  server.registerTool('die', { description: 'Ends the process.' }, () => process.exit(1))
  server.registerTool('pid', { description: 'Whose process it is.' }, () => text(`${process.pid}`))
  server.registerTool('env', { description: 'Its environment.', inputSchema: word }, ({ text: name }) =>
    text(`${process.env[name] ?? 'nothing'} in ${process.cwd()}`),
  )
  return server
}
