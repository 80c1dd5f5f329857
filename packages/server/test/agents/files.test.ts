// What agents see of files: their content where the model takes it, words about all others; and files of their own.
import { createHash } from 'node:crypto'
import { fakeAnthropic, fakeOpenAI } from '@parley/testing'
import { createUIMessageStream, type UIMessage } from 'ai'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { claude } from '../../src/agents/claude.ts'
import { guide } from '../../src/agents/guide.ts'
import { openai } from '../../src/agents/openai.ts'
import { fromUIMessageStream } from '../../src/agents/ui-message-stream.ts'
import { ask, folderWith, removeFolders } from './guide-world.ts'
import { alice, attachment, bob, roomWith, said, showing, text, thoughts, turn } from './turn.ts'

afterAll(removeFolders)

const bytes = (words: string) => new TextEncoder().encode(words)
const base64 = (words: string) => Buffer.from(words).toString('base64')

const photo = attachment('photo', 'image/png', 5, 'photo.png')
const paper = attachment('paper', 'application/pdf', 3, 'paper.pdf')
const notes = attachment('notes', 'text/plain', 9, 'notes.txt')
const song = attachment('song', 'audio/mpeg', 4, 'song.mp3')
const pack = attachment('pack', 'application/zip', 4, 'pack.zip')
const files = roomWith({
  photo: bytes('photo'),
  paper: bytes('pdf'),
  notes: bytes('the notes'),
  song: bytes('song'),
  pack: bytes('pack'),
})
const all = showing(alice, 'Look:', photo, paper, notes, song, pack)

describe('claude', () => {
  async function told(...asked: Parameters<typeof turn>) {
    const model = await fakeAnthropic()
    onTestFinished(() => model.close())
    model.script({ blocks: [{ type: 'text', pieces: ['ok'] }] })
    await thoughts(claude({ apiKey: 'key', baseURL: model.url, maxRetries: 0 }), turn(...asked))
    const { messages } = Object(model.requests[0]?.body)
    return messages
  }

  test('sees images, documents and texts, and hears of the rest', async () => {
    expect(await told('', { message: all, files })).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Look:' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: base64('photo') } },
          {
            type: 'document',
            title: 'paper.pdf',
            source: { type: 'base64', media_type: 'application/pdf', data: base64('pdf') },
          },
          {
            type: 'document',
            title: 'notes.txt',
            source: { type: 'text', media_type: 'text/plain', data: 'the notes' },
          },
          {
            type: 'text',
            text: '[the file "song.mp3", audio/mpeg, 4 bytes, which cannot be shown to you][the file "pack.zip", application/zip, 4 bytes, which cannot be shown to you]',
          },
        ],
      },
    ])
  })

  test('answers a message that is nothing but a file', async () => {
    const [{ content }] = await told('', { message: showing(alice, '', photo), files })
    expect(content).toMatchObject([{ type: 'image' }])
  })

  test('sees a large image small, and goes on without what is gone', async () => {
    const huge = attachment('photo', 'image/png', 50_000_000, 'huge.png')
    const gone = attachment('gone', 'image/png', 5, 'gone.png')
    const [{ content }] = await told('', { message: showing(alice, '', huge, gone), files })
    expect(content).toEqual([
      { type: 'image', source: { type: 'base64', media_type: 'image/webp', data: base64('small photo') } },
      { type: 'text', text: expect.stringContaining('"gone.png"') },
    ])
  })

  test('sees what was shown before, and nothing of what was removed', async () => {
    const before = showing(bob, 'mine', photo)
    const removed = { ...showing(bob, 'gone', photo), parts: [], redacted: true }
    const messages = await told('and now?', { history: [before, removed], files })
    expect(messages[0].content).toMatchObject([{ text: 'Bob: mine' }, { type: 'image' }, { text: 'Alice: and now?' }])
  })
})

describe('an OpenAI-compatible model', () => {
  async function told(options: Parameters<typeof openai>[0], ...asked: Parameters<typeof turn>) {
    const model = await fakeOpenAI()
    onTestFinished(() => model.close())
    model.script({ text: ['ok'] })
    await thoughts(openai({ baseURL: model.url, maxRetries: 0, ...options }), turn(...asked))
    const { messages } = Object(model.requests[0]?.body)
    return messages.slice(1)
  }
  const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${base64('photo')}` } }

  test('sees images and texts', async () => {
    expect(await told({}, '', { message: all, files })).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Look:' },
          image,
          { type: 'text', text: expect.stringContaining('"paper.pdf"') },
          { type: 'text', text: 'The file "notes.txt":\n\nthe notes' },
          { type: 'text', text: expect.stringContaining('"song.mp3"') },
          { type: 'text', text: expect.stringContaining('"pack.zip"') },
        ],
      },
    ])
  })

  test('hears sounds and reads documents where it takes all', async () => {
    const [{ content }] = await told({ files: 'all' }, '', { message: all, files })
    expect(content[2]).toEqual({
      type: 'file',
      file: { filename: 'paper.pdf', file_data: `data:application/pdf;base64,${base64('pdf')}` },
    })
    expect(content[4]).toEqual({ type: 'input_audio', input_audio: { data: base64('song'), format: 'mp3' } })
  })

  test('that sees nothing is told in plain text', async () => {
    const [{ content }] = await told({ files: 'none' }, '', { message: showing(alice, 'Look:', photo), files })
    expect(content).toBe('Look:\n\n[the file "photo.png", image/png, 5 bytes, which cannot be shown to you]')
  })

  test('is told messages of one person together, files and all', async () => {
    const messages = await told({}, 'what is it?', { history: [showing(alice, '', photo)], files })
    expect(messages).toEqual([{ role: 'user', content: [image, { type: 'text', text: 'what is it?' }] }])
  })
})

describe('an AI SDK stream', () => {
  test('is given files with their content', async () => {
    let given: UIMessage[] = []
    const agent = fromUIMessageStream({
      id: 'sdk',
      name: 'sdk',
      stream: ({ messages }) => {
        given = messages
        return createUIMessageStream({ execute: () => {} })
      },
    })
    await thoughts(agent, turn('', { message: showing(alice, 'Look:', photo, pack), files }))
    expect(given[0]?.parts).toEqual([
      { type: 'text', text: 'Look:' },
      {
        type: 'file',
        mediaType: 'image/png',
        filename: 'photo.png',
        url: `data:image/png;base64,${base64('photo')}`,
      },
      { type: 'text', text: expect.stringContaining('"pack.zip"') },
    ])
  })

  test('says files that the room keeps', async () => {
    const kept: [string, Uint8Array][] = []
    const agent = fromUIMessageStream({
      id: 'sdk',
      name: 'sdk',
      stream: () =>
        createUIMessageStream({
          execute: ({ writer }) =>
            writer.write({ type: 'file', mediaType: 'image/png', url: `data:image/png;base64,${base64('drawn')}` }),
        }),
    })
    const heard = await thoughts(agent, turn('draw', { files: roomWith({}, kept) }))
    expect(kept.map(([name, content]) => [name, Buffer.from(content).toString()])).toEqual([['image.png', 'drawn']])
    expect(heard).toEqual([{ type: 'image', attachment: attachment('kept-1', 'image/png', 1, 'image.png') }])
  })
})

describe('the guide', () => {
  async function answer(...[question, more]: [string, Parameters<typeof ask>[2]?]) {
    const agent = guide({ docs: await folderWith({ 'README.md': '# Orchard\n\nTrees.\n' }) })
    return ask(agent, question, more)
  }

  test('looks at a file that comes without a word', async () => {
    const seen = { ...photo, size: 5, width: 160, height: 90 }
    const { text, uses } = await answer('', { message: showing(alice, '', seen, song), files })
    expect(uses).toMatchObject([{ tool: { name: 'inspect_files' }, result: { outcome: 'ok' } }])
    expect(text).toMatch(
      /^- `photo.png`: image\/png, 5 bytes, 160 × 90 pixels. SHA-256 `[0-9a-f]{64}`\.\n- `song.mp3`/u,
    )
  })

  test.each(['What is this?', 'inspect the file', 'please describe this picture', "what's in that?"])(
    'and at the one before, when it is asked "%s"',
    async (question) => {
      const { uses } = await answer(question, { history: [showing(alice, 'look', photo), said(bob, 'nice')], files })
      expect(uses).toMatchObject([{ tool: { name: 'inspect_files' }, input: { files: [{ id: 'photo' }] } }])
    },
  )

  test('but answers a question that comes with a file', async () => {
    const message = showing(alice, 'Which trees are in the orchard?', photo)
    const { uses } = await answer('', { message, files })
    expect(uses[0]?.tool.name).toBe('search_docs')
  })

  test('counts and hashes what is there, not what was said of it', async () => {
    const { uses } = await answer('', { message: showing(alice, '', { ...notes, size: 999 }), files })
    expect(uses[0]?.result?.output).toEqual([
      {
        name: 'notes.txt',
        mediaType: 'text/plain',
        size: 9,
        sha256: createHash('sha256').update('the notes').digest('hex'),
      },
    ])
  })

  test('says when a file is gone', async () => {
    const gone = attachment('gone', 'image/png', 5, 'gone.png')
    const { text: said } = await answer('', { message: showing(alice, '', gone), files })
    expect(said).toBe('I could not look at that. gone.png is not there any more.')
  })
})

test('names of files do not become markup', async () => {
  const agent = guide({ docs: await folderWith({ 'README.md': '# Orchard\n' }) })
  const odd = attachment('photo', 'image/png', 5, '`**x**`.png')
  const { thoughts: heard } = await ask(agent, '', { message: showing(alice, '', odd), files })
  expect(text(heard)).toContain("- `'**x**'.png`:")
})
