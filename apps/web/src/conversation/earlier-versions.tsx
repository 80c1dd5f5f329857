// What stood here before it was said better, to be read on demand.
import type { RoomPicture } from '@parley/client'
import type { Message } from '@parley/protocol'
import { DeedsContext } from './deeds.ts'
import { usesOf } from './entries.ts'
import { Fold } from './fold.tsx'
import { MessageView } from './message.tsx'
import { versionsIn } from './versions.ts'

interface Props {
  readonly message: Message
  readonly earlier: readonly Message[]
  readonly picture: Pick<RoomPicture, 'tools' | 'progress'>
  readonly me: string | undefined
}

export function EarlierVersions({ message, earlier, picture, me }: Props) {
  const versions = versionsIn(earlier, message)
  return (
    <div className="versions" data-side={message.by.id === me ? 'mine' : message.by.kind}>
      <Fold className="aside" summary={versions === 1 ? '1 earlier version' : `${versions} earlier versions`}>
        {() => (
          <DeedsContext value={undefined}>
            <div className="versions-lines">
              {earlier.map((one) => (
                <MessageView key={one.key} message={one} uses={usesOf(one, picture)} mine={one.by.id === me} opens />
              ))}
            </div>
          </DeedsContext>
        )}
      </Fold>
    </div>
  )
}
