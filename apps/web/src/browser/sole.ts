// Only one thing is heard at a time on the page.

let playing: HTMLMediaElement | undefined

/** To be called when something begins to play: what played before stops. */
export function playsAlone(media: HTMLMediaElement): void {
  if (playing !== media) playing?.pause()
  playing = media
}
