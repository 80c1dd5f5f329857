// Files that are on the server: how to call them where nobody can say who asks, and their bytes, over as many requests as it takes.
import { type Answer, type Attachment, type Command, fileUrl, problems, Refusal } from '@parley/protocol'
import { type Backoff, backoffMs } from './backoff.ts'
import type { Chance, Clock, Stop, Token } from './seams.ts'
import { withToken } from './tokens.ts'
import { hasher } from './upload-hash.ts'

export interface DownloadOptions {
  readonly signal?: AbortSignal
}

export interface UrlOptions {
  /** True: small, where the server can make it so. For images. */
  readonly thumbnail?: boolean
  /** True: another than was given before, which does not work. */
  readonly fresh?: boolean
}

export interface FilesParts {
  /** Of the server's HTTP side, without a slash at the end. */
  readonly base: string
  readonly token: Token | undefined
  readonly clock: Clock
  readonly chance: Chance
  readonly backoff: Backoff
  readonly fetch: typeof fetch
  request(command: Command): Promise<Answer>
}

interface Link {
  readonly url: Promise<string>
  /** Until when it is given out, ms on the scale of the clock. */
  until: number
}

/** A link is not given out any more when it is about to end. */
const SPARE_MS = 60_000
/** No link is good for longer. A clock that says otherwise goes wrong. */
const LONGEST_MS = 5 * 60_000
/** However soon links end, they are not renewed more often. */
const RENEWED_MS = 30_000
/** Requests in a row that brought nothing. */
const MOST_TRIES = 6

export class Files {
  readonly #parts: FilesParts
  readonly #links = new Map<string, Link>()

  constructor(parts: FilesParts) {
    this.#parts = parts
  }

  /** See `Client.urlOf`. */
  async urlOf(file: string, { thumbnail, fresh = false }: UrlOptions): Promise<string> {
    if (fresh) this.#links.delete(file)
    return this.#urlOf(await this.#link(file).url, thumbnail)
  }

  /** See `Client.watchUrl`. */
  watchUrl(file: string, see: (url: string | undefined) => void, { thumbnail }: UrlOptions): Stop {
    const { clock } = this.#parts
    const again = (ms: number): Stop => clock.after(Math.max(ms, RENEWED_MS), ask)
    let stop: Stop | undefined = () => {}
    const ask = (): void => {
      const link = this.#link(file)
      link.url.then(
        (url) => {
          if (stop === undefined) return
          stop = again(link.until - clock.now())
          see(this.#urlOf(url, thumbnail))
        },
        (cause: unknown) => {
          if (stop === undefined) return
          see(undefined)
          if (mayPass(cause)) stop = again(0)
        },
      )
    }
    ask()
    return () => {
      stop?.()
      stop = undefined
    }
  }

  /** Another user speaks, who may not have what was had. */
  forget(): void {
    this.#links.clear()
  }

  /** See `Client.download`. */
  download(file: Attachment, { signal }: DownloadOptions): ReadableStream<Uint8Array> {
    const bytes = this.#bytesOf(file, signal)
    return new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const { done, value } = await bytes.next()
          if (done) controller.close()
          else controller.enqueue(value)
        },
        async cancel() {
          await bytes.return()
        },
      },
      { highWaterMark: 0 },
    )
  }

  /** Asked for once by all who want it at the same time. */
  #link(file: string): Link {
    const known = this.#links.get(file)
    if (known !== undefined && known.until > this.#parts.clock.now()) return known
    const link: Link = { url: this.#ask(file, (until) => (link.until = until)), until: Number.POSITIVE_INFINITY }
    this.#links.set(file, link)
    // What was refused once may be allowed the next time.
    link.url.catch(() => this.#links.get(file) === link && this.#links.delete(file))
    return link
  }

  async #ask(file: string, good: (until: number) => void): Promise<string> {
    const answer = await this.#parts.request({ type: 'link', attachment: file })
    if (answer.type !== 'link') throw new Refusal('message.invalid', 'the server answered another question')
    good(Math.min(answer.expiresAt, this.#parts.clock.now() + LONGEST_MS) - SPARE_MS)
    return answer.url
  }

  #urlOf(url: string, thumbnail = false): string {
    return `${this.#parts.base}${url}${thumbnail ? '&thumbnail' : ''}`
  }

  async *#bytesOf(file: Attachment, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void, undefined> {
    const hash = hasher()
    let at = 0
    for (let tries = 0; at < file.size; tries += 1) {
      const from = at
      try {
        for await (const bytes of await this.#request(file, at, signal)) {
          hash.update(bytes)
          at += bytes.length
          yield bytes
        }
        if (at < file.size) throw new Error(`the file ended after ${at} of ${file.size} bytes`)
      } catch (cause) {
        signal?.throwIfAborted()
        if (cause instanceof Refusal) throw cause
        if (at > from) tries = 0
        if (tries + 1 >= MOST_TRIES) throw cause
        await this.#pause(tries + 1, signal)
        signal?.throwIfAborted()
      }
    }
    if (hash.digest() !== file.sha256) throw new Refusal('upload.mismatch', 'what came is not the file')
  }

  async #request(file: Attachment, from: number, signal: AbortSignal | undefined): Promise<AsyncIterable<Uint8Array>> {
    const token = await this.#token()
    const response = await this.#parts.fetch(`${this.#parts.base}${fileUrl(file)}`, {
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(from === 0 ? {} : { range: `bytes=${from}-`, 'if-range': `"${file.sha256}"` }),
      },
      ...(signal === undefined ? {} : { signal }),
    })
    if (response.ok && response.body !== null && (from === 0 || response.status === 206)) return iterated(response.body)
    await response.body?.cancel()
    if (response.status >= 500 || response.status === 429) throw new Error(`the server answered ${response.status}`)
    if (response.ok) throw new Refusal('attachment.unknown', 'the file is another by now')
    const code = response.status === 401 ? 'auth.invalid' : 'attachment.unknown'
    throw new Refusal(code, `the server does not give this file (${response.status})`)
  }

  #token(): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      withToken(this.#parts.token, resolve, (why) => reject(new Refusal(why.code, why.message, why)))
    })
  }

  /** Nobody waits for what is given up. */
  #pause(tries: number, signal: AbortSignal | undefined): Promise<void> {
    const { clock, chance, backoff } = this.#parts
    const { promise, resolve } = Promise.withResolvers<void>()
    const goOn = (): void => resolve()
    const stop = clock.after(backoffMs(tries, chance, backoff), goOn)
    signal?.addEventListener('abort', goOn, { once: true })
    return promise.finally(() => {
      stop()
      signal?.removeEventListener('abort', goOn)
    })
  }
}

function mayPass(cause: unknown): boolean {
  return cause instanceof Refusal && problems[cause.problem.code].retry !== 'never'
}

async function* iterated(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = body.getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
