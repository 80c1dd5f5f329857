// A text that grows in a box of bounded height: its end is in sight unless its reader has scrolled away.
import { useEffect, useLayoutEffect, useRef } from 'react'

/** Nobody is so exact: this close to the end counts as the end. */
const NEAR_PX = 8

interface Props {
  readonly label: string
  readonly text: string
}

export function Tail({ label, text }: Props) {
  const box = useRef<HTMLPreElement>(null)
  const follows = useRef(true)

  useEffect(() => {
    // The arrow keys scroll what has the focus.
    if (box.current !== null) box.current.tabIndex = 0
  }, [])
  useLayoutEffect(() => {
    const view = box.current
    if (view !== null && text !== '' && follows.current) view.scrollTop = view.scrollHeight
  }, [text])

  return (
    <figure className="tool-value tail">
      <figcaption>{label}</figcaption>
      <pre
        ref={box}
        dir="ltr"
        onScroll={({ currentTarget: { scrollHeight, clientHeight, scrollTop } }) => {
          follows.current = scrollHeight - clientHeight - scrollTop <= NEAR_PX
        }}
      >
        {text}
      </pre>
    </figure>
  )
}
