// Where a file that is shown comes from: a link that is tried once more, fresh, when it does not work.
import type { Client, UrlOptions } from '@parley/client'
import { type Attachment, Refusal } from '@parley/protocol'
import { useClient } from '@parley/react'
import { useCallback, useEffect, useState } from 'react'

export interface Source {
  /** Undefined while it is asked for, and where there is none. */
  readonly url: string | undefined
  /** `gone`: nobody gives it to the one who reads any more. `broken`: it did not come, though it should. */
  readonly trouble: 'gone' | 'broken' | undefined
  /** To be called when what is under the URL could not be shown. */
  readonly failed: () => void
  /** To be called when it has shown itself good for a while: when that ends, another link may do. */
  readonly worked: () => void
  /** Tries what is broken once more. */
  readonly again: () => void
}

interface Wanted extends Pick<UrlOptions, 'thumbnail'> {
  /** False: nothing is asked for yet. Default true. */
  readonly wanted?: boolean
}

interface State extends Pick<Source, 'url' | 'trouble'> {
  /** Of what this is the state. */
  readonly of: string
  readonly fresh: boolean
}

export function useSource({ id }: Pick<Attachment, 'id'>, { thumbnail = false, wanted = true }: Wanted = {}): Source {
  const client = useClient()
  const name = `${id} ${thumbnail}`
  const begun: State = { of: name, url: lastUrls(client).get(name), trouble: undefined, fresh: false }
  const [known, setState] = useState(begun)
  const state = known.of === name ? known : begun
  const { url, trouble, fresh } = state
  const asks = wanted && url === undefined && trouble === undefined

  useEffect(() => {
    if (!asks) return
    let here = true
    const become = (next: Pick<Source, 'url' | 'trouble'>): void => {
      if (here) setState({ of: name, fresh, ...next })
    }
    client.urlOf({ id }, { thumbnail, fresh }).then(
      (given) => {
        lastUrls(client).set(name, given)
        become({ url: given, trouble: undefined })
      },
      (cause: unknown) => become({ url: undefined, trouble: troubleOf(cause) }),
    )
    return () => {
      here = false
    }
  }, [client, id, thumbnail, name, asks, fresh])

  const failed = useCallback(() => {
    lastUrls(client).delete(name)
    setState((was) => {
      const tried = was.of === name && was.fresh
      return { of: name, url: undefined, fresh: true, trouble: tried ? 'broken' : undefined }
    })
  }, [client, name])
  const worked = useCallback(
    () => setState((was) => (was.of === name && was.fresh ? { ...was, fresh: false } : was)),
    [name],
  )
  const again = useCallback(() => setState({ of: name, url: undefined, trouble: undefined, fresh: true }), [name])

  return { url, trouble, failed, worked, again }
}

function troubleOf(cause: unknown): Source['trouble'] {
  return cause instanceof Refusal && cause.problem.code === 'attachment.unknown' ? 'gone' : 'broken'
}

const urls = new WeakMap<Client, Map<string, string>>()

/** What was shown before is shown again without waiting: the browser still has it under the same URL. */
function lastUrls(client: Client): Map<string, string> {
  const known = urls.get(client) ?? new Map<string, string>()
  urls.set(client, known)
  return known
}
