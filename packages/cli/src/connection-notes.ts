// What is told beside the output: that the connection is poor, lost or well again, and how others see whoever asked for a name.
import type { Client, ClientState, Status } from '@parley/client'
import { nameOf } from './printable.ts'

/** Returns how to stop. @param name the name that was asked for. */
export function noteConnection(client: Client, note: (line: string) => void, name?: string): () => void {
  let known: Status = 'idle'
  let poor = false
  const look = ({ status, actor, quality }: ClientState) => {
    if (quality?.poor === true && !poor) note('* the connection is poor')
    poor = quality?.poor ?? poor
    if (status === known || status === 'connecting' || status === 'closed') return
    if (status === 'reconnecting') note('* no connection; trying again')
    else if (known === 'reconnecting') note('* connected again')
    else if (name !== undefined && actor !== undefined && actor.name !== name)
      note(`* others see you as ${nameOf(actor)}`)
    known = status
  }
  look(client.state)
  return client.subscribe(look)
}
