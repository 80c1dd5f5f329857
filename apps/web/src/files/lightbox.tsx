// An image as large as the screen allows, and the way to the others of its message.
import type { Attachment } from '@parley/protocol'
import { useFileUrl } from '@parley/react'
import { type KeyboardEvent, useLayoutEffect, useRef } from 'react'
import { useSwipe } from '../browser/use-swipe.ts'
import { Back, Close, Forth, Save } from '../icons.tsx'
import { Ahead, Large } from './large.tsx'
import { sizeWords } from './sizes.ts'
import './lightbox.css'

interface Props {
  readonly images: readonly Attachment[]
  /** The one that is shown. */
  readonly image: Attachment
  readonly onGo: (image: Attachment) => void
  readonly onClose: () => void
}

export function Lightbox({ images, image, onGo, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const way = useRef<HTMLButtonElement>(null)
  const link = useFileUrl(image)
  const at = images.findIndex(({ id }) => id === image.id)
  const [before, after] = [images[at - 1], images[at + 1]]
  const { name } = image
  const swipe = useSwipe((by) => go(by === 1 ? after : before))

  useLayoutEffect(() => {
    const view = dialog.current
    view?.showModal()
    way.current?.focus()
    // As long as it is in the page: then whatever had the focus before has it again.
    return () => view?.close()
  }, [])

  function close(): void {
    dialog.current?.close()
  }

  function go(to: Attachment | undefined): void {
    if (to !== undefined) onGo(to)
  }

  function heard(event: KeyboardEvent): void {
    if (event.key === 'Escape') close()
    else if (event.key === 'ArrowLeft') go(before)
    else if (event.key === 'ArrowRight') go(after)
    else return
    // Escape would stop an agent besides.
    event.preventDefault()
  }

  return (
    <dialog
      ref={dialog}
      className="lightbox"
      aria-label={name}
      {...swipe}
      onKeyDown={heard}
      // Beside the image there is nothing but the dialog itself.
      onClick={({ target, currentTarget }) => target === currentTarget && close()}
      onClose={onClose}
    >
      <header className="lightbox-head">
        <p className="lightbox-name">
          <bdi>{name}</bdi>
          <span>{factsOf(image, at, images.length)}</span>
        </p>
        <a className="icon-button" href={link} download={name} aria-label={`Download ${name}`} title="Download">
          <Save />
        </a>
        <button ref={way} type="button" className="icon-button" aria-label="Close" title="Close (Esc)" onClick={close}>
          <Close />
        </button>
      </header>
      <Large key={image.id} image={image} />
      {before !== undefined && (
        <button
          type="button"
          className="lightbox-way"
          data-way="back"
          aria-label="Previous image"
          onClick={() => onGo(before)}
        >
          <Back size={20} />
        </button>
      )}
      {after !== undefined && (
        <button
          type="button"
          className="lightbox-way"
          data-way="forth"
          aria-label="Next image"
          onClick={() => onGo(after)}
        >
          <Forth />
        </button>
      )}
      {after !== undefined && <Ahead image={after} />}
    </dialog>
  )
}

function factsOf({ size, width, height }: Attachment, at: number, count: number): string {
  const place = count > 1 ? `${at + 1} of ${count}` : undefined
  const pixels = width === undefined || height === undefined ? undefined : `${width} × ${height}`
  return [place, pixels, sizeWords(size)].filter((fact) => fact !== undefined).join(' · ')
}
