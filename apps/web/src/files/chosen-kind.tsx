// What stands for a chosen file that is no image: its kind, or a button to hear it, once that can be done.
import type { Chosen } from '@parley/client'
import type { Attachment } from '@parley/protocol'
import { Pause, Play } from '../icons.tsx'
import { KindIcon } from './kinds.tsx'
import { usePlayer } from './use-player.ts'

export function ChosenKind({ chosen: { mediaType, part } }: { readonly chosen: Chosen }) {
  if (part?.type === 'audio') return <Listen sound={part.attachment} />
  return (
    <span className="chosen-kind">
      <KindIcon mediaType={mediaType} />
    </span>
  )
}

function Listen({ sound }: { readonly sound: Attachment }) {
  const { audio, given, playing, ready, turn } = usePlayer(sound)
  return (
    <>
      <audio ref={audio} {...given} preload="none" />
      <button
        type="button"
        className="chosen-kind"
        aria-label={`${playing ? 'Pause' : 'Play'} ${sound.name}`}
        onPointerEnter={ready}
        onFocus={ready}
        onClick={turn}
      >
        {playing ? <Pause /> : <Play />}
      </button>
    </>
  )
}
