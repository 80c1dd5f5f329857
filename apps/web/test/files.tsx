// A page beside a client whose files do what a test says.
import { type Client, connect, type Room, type UploadOptions, type UrlOptions } from '@parley/client'
import type { AttachedPart, Attachment } from '@parley/protocol'
import { ParleyProvider } from '@parley/react'
import type { ReactNode } from 'react'
import { vi } from 'vitest'

/** An upload that ends when the test says so. */
interface Uploading extends PromiseWithResolvers<AttachedPart> {
  readonly name: string
  readonly options: UploadOptions
}

export interface Stage {
  readonly client: Client
  readonly room: Room
  readonly uploads: readonly Uploading[]
  /** Ends the upload of this name as a file that the server has. */
  readonly arrive: (name: string, more?: Partial<Attachment>) => void
  /** What links are asked for. */
  readonly urlOf: ReturnType<typeof vi.fn<Client['urlOf']>>
  readonly within: (children: ReactNode) => ReactNode
}

export function stage(): Stage {
  // Nobody answers: what a test does not stand in for stays unanswered.
  const dial = () => ({ send() {}, close() {} })
  const uploads: Uploading[] = []
  let links = 0
  const urlOf = vi.fn<Client['urlOf']>(async ({ id }, { thumbnail }: UrlOptions = {}) => {
    links += 1
    return `/files/${id}?${links}${thumbnail === true ? '&thumbnail' : ''}`
  })
  const watchUrl: Client['watchUrl'] = ({ id }, see) => {
    see(`/files/${id}?watched`)
    return () => {}
  }
  const client = Object.assign(connect('ws://127.0.0.1:1', { lazy: true, dial }), { urlOf, watchUrl })
  const room = Object.assign(client.room('lobby'), {
    upload: (file: File, options: UploadOptions) => {
      const upload = { name: file.name, options, ...Promise.withResolvers<AttachedPart>() }
      uploads.push(upload)
      return upload.promise
    },
  })
  return {
    client,
    room,
    uploads,
    urlOf,
    arrive: (name, more) => uploads.findLast((one) => one.name === name)?.resolve(partOf(name, more)),
    within: (children) => <ParleyProvider client={client}>{children}</ParleyProvider>,
  }
}

export function attachmentOf(name: string, more: Partial<Attachment> = {}): Attachment {
  const types: Record<string, string> = {
    png: 'image/png',
    jpg: 'image/jpeg',
    gif: 'image/gif',
    heic: 'image/heic',
    wav: 'audio/wav',
    webm: 'video/webm',
    mov: 'video/quicktime',
    pdf: 'application/pdf',
  }
  const mediaType = types[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream'
  return { id: `id-${name}`, name, mediaType, size: 1_234, sha256: 'ab', ...more }
}

export function partOf(name: string, more: Partial<Attachment> = {}): AttachedPart {
  const attachment = attachmentOf(name, more)
  const [kind] = attachment.mediaType.split('/')
  return { type: kind === 'image' || kind === 'audio' ? kind : 'file', attachment }
}

/** Everything is on the screen, as nothing tells otherwise here. */
export function seeEverything(): void {
  vi.stubGlobal(
    'IntersectionObserver',
    class {
      readonly #see: (entries: readonly { isIntersecting: boolean }[]) => void
      constructor(see: (entries: readonly { isIntersecting: boolean }[]) => void) {
        this.#see = see
      }
      observe() {
        this.#see([{ isIntersecting: true }])
      }
      disconnect() {}
    },
  )
}

export const file = (name: string, type = ''): File => new File(['some bytes'], name, { type, lastModified: 1 })
