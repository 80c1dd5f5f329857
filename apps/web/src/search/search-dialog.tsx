// Finding a message in all rooms: words in, and what is found leads to where it was said.
import type { Hit } from '@parley/protocol'
import { useSearch } from '@parley/react'
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import { nameOf } from '../conversation/names.ts'
import { momentOf } from '../conversation/times.ts'
import { Close } from '../icons.tsx'
import { Excerpt } from './excerpt.tsx'
import './search.css'

/** Who is still typing is not answered yet. */
const PAUSE_MS = 150

interface Props {
  readonly open: boolean
  readonly onClose: () => void
  readonly onGo: (hit: Hit) => void
  /** How the room of a hit is called. */
  readonly titleOf: (room: Hit['room']) => string
}

export function SearchDialog({ open, onClose, ...more }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const view = dialog.current
    if (open && view?.open === false) view.showModal()
    if (!open && view?.open === true) view.close()
  }, [open])
  return (
    <dialog ref={dialog} className="search" closedby="any" aria-label="Search" onClose={onClose}>
      {open && <Searching onClose={onClose} {...more} />}
    </dialog>
  )
}

function Searching({ onClose, onGo, titleOf }: Omit<Props, 'open'>) {
  const { hits, searching, problem, search } = useSearch()
  const [text, setText] = useState('')
  const [asked, setAsked] = useState('')
  const [chosen, setChosen] = useState(0)
  const box = useRef<HTMLInputElement>(null)
  const list = useId()
  const words = text.trim()
  const at = Math.min(chosen, hits.length - 1)

  useEffect(() => box.current?.focus(), [])
  useEffect(() => {
    const timer = setTimeout(() => {
      setAsked(words)
      search(words)
    }, PAUSE_MS)
    return () => clearTimeout(timer)
  }, [words, search])
  useEffect(() => {
    document.getElementById(`${list}-${at}`)?.scrollIntoView({ block: 'nearest' })
  }, [list, at])

  function heard(event: KeyboardEvent): void {
    const hit = hits[at]
    if (event.nativeEvent.isComposing || hit === undefined) return
    if (event.key === 'ArrowDown') setChosen(Math.min(at + 1, hits.length - 1))
    else if (event.key === 'ArrowUp') setChosen(Math.max(at - 1, 0))
    else if (event.key === 'Enter') onGo(hit)
    else return
    event.preventDefault()
  }

  return (
    <>
      <div className="search-head">
        <input
          ref={box}
          className="field"
          type="search"
          role="combobox"
          aria-label="Search all conversations"
          aria-autocomplete="list"
          aria-expanded={hits.length > 0}
          aria-controls={list}
          aria-activedescendant={hits.length > 0 ? `${list}-${at}` : undefined}
          placeholder="Search all conversations"
          autoComplete="off"
          enterKeyHint="search"
          maxLength={200}
          value={text}
          onKeyDown={heard}
          onChange={(event) => {
            setText(event.target.value)
            setChosen(0)
          }}
        />
        <button type="button" className="icon-button" aria-label="Close the search" onClick={onClose}>
          <Close />
        </button>
      </div>
      <div className="search-hits" id={list} role="listbox" aria-label="Messages found">
        {words !== '' &&
          hits.map((hit, index) => (
            <div
              key={`${hit.room} ${hit.message}`}
              id={`${list}-${index}`}
              className="hit"
              role="option"
              aria-selected={index === at}
              tabIndex={-1}
              onClick={() => onGo(hit)}
              onKeyDown={(event) => event.key === 'Enter' && onGo(hit)}
            >
              <p className="hit-head">
                <bdi className="hit-by">{nameOf(hit.by)}</bdi>
                <span>
                  <bdi>{titleOf(hit.room)}</bdi> · {momentOf(hit.at, Date.now())}
                </span>
              </p>
              <p className="hit-text" dir="auto">
                <Excerpt text={hit.excerpt} words={words} />
              </p>
            </div>
          ))}
      </div>
      <p className="search-state" role="status" aria-label="Search">
        {stateOf(words, hits.length, searching || asked !== words, problem?.message)}
      </p>
    </>
  )
}

function stateOf(words: string, hits: number, searching: boolean, problem: string | undefined): string {
  if (words === '') return 'Finds what was said in every conversation that you may read.'
  if (problem !== undefined) return `Could not search: ${problem}`
  if (hits > 0) return hits === 1 ? '1 message' : `${hits} messages`
  return searching ? 'Searching…' : 'Nothing was found.'
}
