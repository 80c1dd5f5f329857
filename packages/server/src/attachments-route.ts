// Files over HTTP: downloads with ranges, for whoever may have them at that moment, and uploads in one go, for scripts.
import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { type Attachment, fileUrl, isFileName, isId, Refusal, type RoomId, roomId } from '@parley/protocol'
import { create as contentDisposition } from 'content-disposition'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import rangeParser from 'range-parser'
import { bearerOf } from './bearer.ts'
import type { Attachments } from './engine/attachments.ts'
import type { Access, Actor } from './seams/access.ts'
import { THUMBNAIL } from './seams/inspect.ts'
import type { Kept } from './seams/inventory.ts'

export interface AttachmentsRouteOptions {
  readonly files: Attachments
  readonly access: Access
}

/** Where files are posted to, as long as it takes. */
export const FILES = '/api/attachments'

/** As commands are counted, where posting a message is 1. */
const READ_COST = 4
const WRITE_COST = 16

/** A client that sends nothing for so long is gone. */
const SILENT_MS = 60_000

/** What a browser may show where it is; all else is to be saved. Nothing of it can run. */
const SHOWN = /^(?:image\/(?:png|jpeg|gif|webp|avif)|audio\/.+|video\/(?:mp4|webm))$/u

/** Even if a browser took a file for a page: it could load nothing, run nothing, and is no page of this server. */
const FILE_HEADERS = {
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  'x-content-type-options': 'nosniff',
  'cache-control': 'private, no-cache',
  'cross-origin-resource-policy': 'cross-origin',
  'accept-ranges': 'bytes',
}

const numbers: Partial<Record<Refusal['problem']['code'], number>> = {
  'auth.missing': 401,
  'auth.invalid': 401,
  'auth.expired': 401,
  'access.denied': 403,
  'attachment.unknown': 404,
  'room.unknown': 404,
  'id.conflict': 409,
  'upload.moved': 409,
  'attachment.large': 413,
  'attachment.type': 415,
  'upload.mismatch': 422,
  'rate.exceeded': 429,
  'storage.full': 507,
  'quota.exceeded': 507,
  'storage.unavailable': 503,
}

export async function attachmentsRoute(fastify: FastifyInstance, { files, access }: AttachmentsRouteOptions) {
  await fastify.register(async (scope) => {
    // Bodies are read as they come, whatever they are said to be.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _body, done) => done(null))
    scope.setErrorHandler(refuse)
    scope.get<{ Params: { id: string } }>(`${FILES}/:id`, { exposeHeadRoute: true }, download)
    scope.post(FILES, upload)
  })

  async function download(request: FastifyRequest<{ Params: { id: string } }>, reply: FastifyReply) {
    const { id } = request.params
    const params = new URLSearchParams(queryOf(request))
    const actor = await reader(request, params.get('link'), id)
    files.spend(actor, READ_COST)
    const kept = await files.open(actor, id)
    const small = params.has('thumbnail') ? await files.thumbnail(kept) : undefined
    reply.headers(FILE_HEADERS)
    return small === undefined ? sendFile(request, reply, kept) : sendThumbnail(request, reply, kept, small)
  }

  async function reader(request: FastifyRequest, link: string | null, id: string): Promise<Actor> {
    if (link === null) return asker(request)
    const actor = files.links.actorOf(link, id)
    if (actor === undefined) throw new Refusal('auth.invalid', 'this link is not good any more; ask for a new one')
    return actor
  }

  async function asker(request: FastifyRequest): Promise<Actor> {
    const token = bearerOf(request)
    if (token === undefined) throw new Refusal('auth.missing', 'send the token as Authorization: Bearer')
    return access.identify(token)
  }

  function sendFile(request: FastifyRequest, reply: FastifyReply, kept: Kept) {
    const { mediaType, name, size, sha256 } = kept.attachment
    const etag = `"${sha256}"`
    const shown = SHOWN.test(mediaType)
    reply.headers({
      etag,
      'content-type': shown
        ? mediaType
        : mediaType === 'text/plain'
          ? 'text/plain; charset=utf-8'
          : 'application/octet-stream',
      'content-disposition': contentDisposition(name, { type: shown ? 'inline' : 'attachment' }),
    })
    if (isKnown(request, etag)) return reply.code(304).send()
    const range = rangeOf(request, etag, size)
    if (range === 'beyond')
      return reply
        .code(416)
        .headers({ 'content-range': `bytes */${size}`, 'content-type': 'application/json; charset=utf-8' })
        .send({ code: 'message.invalid', message: `the file has ${size} bytes` })
    const { from, to } = range ?? { from: 0, to: size }
    if (range !== undefined) reply.code(206).header('content-range', `bytes ${from}-${to - 1}/${size}`)
    reply.header('content-length', to - from)
    // An empty text would be told as a length of 0.
    if (request.method === 'HEAD') return reply.send(Readable.from([]))
    return reply.send(Readable.from(files.read(kept, from, to), { objectMode: false, highWaterMark: 256 * 1024 }))
  }

  function sendThumbnail(request: FastifyRequest, reply: FastifyReply, { attachment }: Kept, bytes: Uint8Array) {
    const etag = `"${attachment.sha256}-small"`
    reply.headers({ etag, 'content-type': THUMBNAIL, 'content-disposition': 'inline' })
    return isKnown(request, etag) ? reply.code(304).send() : reply.send(Buffer.from(bytes))
  }

  async function upload(request: FastifyRequest, reply: FastifyReply) {
    const actor = await asker(request)
    const { room, id, name, sha256 } = wishOf(new URLSearchParams(queryOf(request)))
    files.spend(actor, WRITE_COST)
    const length = Number(request.headers['content-length'])
    const size = Number.isSafeInteger(length) ? { size: length } : {}
    const hash = sha256 === undefined ? {} : { sha256 }
    request.raw.setTimeout(SILENT_MS, () => request.raw.destroy())
    const attachment = await files.receive(actor, { room, id, name, ...size, ...hash }, request.raw)
    return reply.code(201).header('location', fileUrl(attachment)).send(said(attachment))
  }
}

function said(attachment: Attachment): object {
  return { ...attachment, url: fileUrl(attachment) }
}

/** Where the socket is still being written to, the answer comes first and the connection ends after it. */
function refuse(cause: unknown, request: FastifyRequest, reply: FastifyReply): void {
  if (!(cause instanceof Refusal)) {
    request.log.error({ err: cause }, 'a file could not be sent or taken')
    reply.code(500).send({ code: 'server.failed', message: 'something failed on the server' })
    return
  }
  const { problem } = cause
  const number = numbers[problem.code] ?? 400
  if (number === 401) reply.header('www-authenticate', 'Bearer')
  if (problem.retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(problem.retryAfterMs / 1000))
  // The rest of a body that is not wanted is not read.
  if (request.method === 'POST') reply.header('connection', 'close')
  reply.code(number).header('content-type', 'application/json; charset=utf-8').send(problem)
}

interface Wish {
  readonly room: RoomId
  readonly id: string
  readonly name: string
  readonly sha256: string | undefined
}

function wishOf(params: URLSearchParams): Wish {
  const [room, id, name, sha256] = ['room', 'id', 'name', 'sha256'].map((field) => params.get(field) ?? undefined)
  const wrong = (field: string, what: string): Refusal => new Refusal('message.invalid', what, { details: { field } })
  const where = roomId(room)
  if (where === undefined) throw wrong('room', 'room must be a room id')
  if (id !== undefined && !isId(id)) throw wrong('id', 'id must be an id')
  if (!isFileName(name)) throw wrong('name', 'name must be a file name, without a path')
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/u.test(sha256)) throw wrong('sha256', 'sha256 must be 64 hex digits')
  return { room: where, id: id ?? randomUUID(), name, sha256 }
}

function queryOf({ url }: FastifyRequest): string {
  const mark = url.indexOf('?')
  return mark < 0 ? '' : url.slice(mark + 1)
}

/** Whether the client has it already. */
function isKnown(request: FastifyRequest, etag: string): boolean {
  const tags = request.headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//u, '')) ?? []
  return tags.includes(etag) || tags.includes('*')
}

/** The one range that is asked for, `to` not included; undefined where all of it is to be sent. */
function rangeOf(
  { headers }: FastifyRequest,
  etag: string,
  size: number,
): { readonly from: number; readonly to: number } | 'beyond' | undefined {
  const unchanged = headers['if-range'] === undefined || headers['if-range'] === etag
  if (headers.range === undefined || !unchanged) return undefined
  const ranges = rangeParser(size, headers.range)
  if (ranges === -1) return 'beyond'
  const [range] = ranges === -2 || ranges.type !== 'bytes' || ranges.length !== 1 ? [] : ranges
  return range === undefined ? undefined : { from: range.start, to: range.end + 1 }
}
