// Something beside the conversation for a moment: from below on a phone, under the bar where there is room.
import { type ReactNode, useEffect, useId, useRef } from 'react'
import { Close } from '../icons.tsx'
import './sheet.css'

interface Props {
  readonly title: string
  readonly open: boolean
  readonly onClose: () => void
  readonly children: ReactNode
}

export function Sheet({ title, open, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const ids = useId()
  useEffect(() => {
    const view = dialog.current
    if (open && view?.open === false) view.showModal()
    if (!open && view?.open === true) view.close()
  }, [open])
  return (
    <dialog ref={dialog} className="sheet" closedby="any" aria-labelledby={`${ids}title`} onClose={onClose}>
      {open && (
        <>
          <header className="sheet-head">
            <h2 id={`${ids}title`}>{title}</h2>
            <button type="button" className="icon-button" aria-label="Close" onClick={onClose}>
              <Close />
            </button>
          </header>
          <div className="sheet-body">{children}</div>
        </>
      )}
    </dialog>
  )
}
