// The way to files, photos and the camera.
import { useRef } from 'react'
import { Clip } from '../icons.tsx'

interface Props {
  readonly onFiles: (files: Iterable<File>) => void
}

/** Anything may be chosen; that some kinds are named has phones offer the camera and the library as well. */
const KINDS = 'image/*,video/*,audio/*,*/*'

export function AttachButton({ onFiles }: Props) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <button
        type="button"
        className="icon-button round"
        aria-label="Attach"
        title="Attach files"
        onClick={() => input.current?.click()}
      >
        <Clip />
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        tabIndex={-1}
        aria-label="Files to attach"
        accept={KINDS}
        onChange={({ currentTarget }) => {
          onFiles([...(currentTarget.files ?? [])])
          // The same file can be chosen once more.
          currentTarget.value = ''
        }}
      />
    </>
  )
}
