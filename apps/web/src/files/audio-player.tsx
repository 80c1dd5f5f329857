// A sound in a message: a button, how loud it is from beginning to end, and where in it one is.
import type { Attachment } from '@parley/protocol'
import { Pause, Play } from '../icons.tsx'
import { FileCard } from './file-card.tsx'
import { Position } from './position.tsx'
import { SaveButton } from './save-button.tsx'
import { timeWords } from './sizes.ts'
import { Unavailable } from './unavailable.tsx'
import { usePlayer } from './use-player.ts'
import { useSaving } from './use-saving.ts'
import './audio-player.css'

export function AudioPlayer({ sound }: { readonly sound: Attachment }) {
  return canPlay(sound) ? <Player sound={sound} /> : <FileCard file={sound} />
}

function Player({ sound }: { readonly sound: Attachment }) {
  const player = usePlayer(sound)
  const { audio, given, playing, at, length, ready, turn, seek, trouble, again } = player
  const saving = useSaving(sound)
  const { name, peaks } = sound
  if (trouble !== undefined) return <Unavailable file={sound} trouble={trouble} onAgain={again} />
  return (
    <div className="player" data-playing={playing}>
      <audio ref={audio} {...given} preload="none" />
      <button
        type="button"
        className="composer-button"
        aria-label={`${playing ? 'Pause' : 'Play'} ${name}`}
        onPointerEnter={ready}
        onFocus={ready}
        onClick={turn}
      >
        {playing ? <Pause /> : <Play />}
      </button>
      <div className="player-body">
        <Position name={name} peaks={peaks} at={at} length={length} onSeek={seek} />
        <p className="player-facts">
          <span className="player-time">
            {timeWords(at)} / {length > 0 ? timeWords(length) : '–:––'}
          </span>
          <bdi title={name}>{name}</bdi>
        </p>
      </div>
      <SaveButton name={name} saving={saving} className="icon-button" />
    </div>
  )
}

/** What a browser cannot play it can save. */
function canPlay({ mediaType }: Attachment): boolean {
  return document.createElement('audio').canPlayType(mediaType) !== ''
}
