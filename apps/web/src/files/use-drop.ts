// A place on the page that takes the files that are dropped onto it.
import { type RefObject, useEffect, useRef, useState } from 'react'
import { filesDropped, filesIn } from './handed.ts'

/**
 * Returns whether files hover over it.
 * @param take undefined: nothing can be dropped now
 */
export function useDrop(
  place: RefObject<HTMLElement | null>,
  take: ((files: readonly File[]) => void) | undefined,
): boolean {
  const [over, setOver] = useState(false)
  const takes = useRef(take)
  takes.current = take

  useEffect(() => {
    const target = place.current
    if (target === null) return

    function hover(event: DragEvent): void {
      const files = filesIn(event)
      if (takes.current === undefined || files === undefined) return
      event.preventDefault()
      files.dropEffect = 'copy'
      setOver(true)
    }
    function leave({ relatedTarget }: DragEvent): void {
      if (!(relatedTarget instanceof Node && target?.contains(relatedTarget))) setOver(false)
    }
    function drop(event: DragEvent): void {
      setOver(false)
      const files = filesIn(event)
      if (takes.current === undefined || files === undefined) return
      event.preventDefault()
      takes.current(filesDropped(files))
    }

    target.addEventListener('dragenter', hover)
    target.addEventListener('dragover', hover)
    target.addEventListener('dragleave', leave)
    target.addEventListener('drop', drop)
    return () => {
      target.removeEventListener('dragenter', hover)
      target.removeEventListener('dragover', hover)
      target.removeEventListener('dragleave', leave)
      target.removeEventListener('drop', drop)
    }
  }, [place])

  useEffect(() => {
    addEventListener('dragover', refuse)
    addEventListener('drop', refuse)
    return () => {
      removeEventListener('dragover', refuse)
      removeEventListener('drop', refuse)
    }
  }, [])

  return over
}

/** A file that misses its place would take the place of the page. */
function refuse(event: DragEvent): void {
  const files = filesIn(event)
  if (event.defaultPrevented || files === undefined) return
  event.preventDefault()
  files.dropEffect = 'none'
}
