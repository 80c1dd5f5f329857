// Under which URL a file can be had at the moment.
import type { UrlOptions } from '@parley/client'
import type { Attachment } from '@parley/protocol'
import { useEffect, useState } from 'react'
import { useClient } from './provider.ts'

/**
 * A URL for `<a>`, `<img>` and the like, replaced by another before it ends. Undefined while it is asked for, where the user
 * may not have the file, and without a file. However many components ask, the server is asked once.
 */
export function useFileUrl(
  file: Pick<Attachment, 'id'> | undefined,
  { thumbnail = false }: Pick<UrlOptions, 'thumbnail'> = {},
): string | undefined {
  const client = useClient()
  const id = file?.id
  const [known, show] = useState<{ readonly of: string; readonly url: string | undefined }>()
  useEffect(() => {
    if (id === undefined) return
    return client.watchUrl({ id }, (url) => show({ of: `${id} ${thumbnail}`, url }), { thumbnail })
  }, [client, id, thumbnail])
  return known?.of === `${id} ${thumbnail}` ? known.url : undefined
}
