// What the server says about itself, asked once.
import { useEffect, useState } from 'react'

export interface About {
  /** Who answers in sessions; `steers`: whether it can be corrected while it is at work. */
  readonly agent: { readonly id: string; readonly name: string; readonly steers?: boolean } | null
  /** Whether files are taken. */
  readonly files?: boolean
}

let asked: Promise<About | undefined> | undefined

export function useAbout(): About | undefined {
  const [about, setAbout] = useState<About>()
  useEffect(() => {
    asked ??= ask()
    void asked.then(setAbout)
  }, [])
  return about
}

/** The page does without it where there is no answer, and asks again when it is next needed. */
async function ask(): Promise<About | undefined> {
  try {
    const answer = await fetch('/api/about')
    if (answer.ok) return await answer.json()
  } catch {
    // Not reachable now.
  }
  asked = undefined
  return undefined
}
