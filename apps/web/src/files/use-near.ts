// Whether something is, or was, so near to what can be seen that it should be there soon.
import { type RefObject, useEffect, useState } from 'react'

const NEAR = '600px'

export function useNear(place: RefObject<Element | null>): boolean {
  const [near, setNear] = useState(false)
  useEffect(() => {
    const watched = place.current
    if (watched === null || near) return
    const observer = new IntersectionObserver((entries) => setNear(entries.some((entry) => entry.isIntersecting)), {
      rootMargin: NEAR,
    })
    observer.observe(watched)
    return () => observer.disconnect()
  }, [place, near])
  return near
}
