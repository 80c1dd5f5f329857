// The microphone: what is said into it becomes a file.

export interface Recording {
  /** How loud it is at the moment: 0 to 1. */
  readonly level: () => number
  /** Resolves with what was recorded when that has ended, by whatever; with nothing when it was discarded. */
  readonly whole: Promise<File | undefined>
  readonly stop: () => void
  readonly discard: () => void
}

/** What most browsers can play comes first. */
const TYPES = ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus']
const ENDINGS: readonly (readonly [type: string, ending: string])[] = [
  ['audio/webm', 'webm'],
  ['audio/mp4', 'm4a'],
  ['audio/ogg', 'ogg'],
]
/** Ample for a voice. */
const BITS_PER_SECOND = 64_000

/** Browsers give the microphone to secure pages only. */
export function canRecord(): boolean {
  return typeof MediaRecorder === 'function' && navigator.mediaDevices?.getUserMedia !== undefined
}

/** Rejects where there is no microphone, or it may not be used. */
export async function record(): Promise<Recording> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true })
  const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type))
  const recorder = new MediaRecorder(stream, {
    audioBitsPerSecond: BITS_PER_SECOND,
    ...(mimeType === undefined ? {} : { mimeType }),
  })
  const meter = meterOf(stream)
  const pieces: Blob[] = []
  let wanted = true
  const ended = new Promise((resolve) => recorder.addEventListener('stop', resolve, { once: true }))
  recorder.addEventListener('dataavailable', ({ data }) => pieces.push(data))
  recorder.start()

  function stop(): void {
    if (recorder.state !== 'inactive') recorder.stop()
  }

  async function whole(): Promise<File | undefined> {
    await ended
    meter.close()
    for (const track of stream.getTracks()) track.stop()
    if (!wanted || pieces.every(({ size }) => size === 0)) return undefined
    return new File(pieces, nameOf(recorder.mimeType, new Date()), { type: recorder.mimeType })
  }

  return {
    level: meter.level,
    whole: whole(),
    stop,
    discard() {
      wanted = false
      stop()
    },
  }
}

function meterOf(stream: MediaStream): { level(): number; close(): void } {
  const context = new AudioContext()
  const analyser = context.createAnalyser()
  analyser.fftSize = 1024
  context.createMediaStreamSource(stream).connect(analyser)
  const samples = new Float32Array(analyser.fftSize)
  return {
    level() {
      analyser.getFloatTimeDomainData(samples)
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length
      // A voice is seldom loud: the lower half of the scale is where it is.
      return Math.min(1, Math.sqrt(Math.sqrt(power)) * 1.3)
    },
    close: () => void context.close(),
  }
}

/** Such as `Recording 2026-03-01 at 14.05.09.webm`, in the time of the one who speaks. */
function nameOf(mimeType: string, now: Date): string {
  const two = (number: number): string => String(number).padStart(2, '0')
  const day = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map(two).join('-')
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join('.')
  const ending = ENDINGS.find(([type]) => mimeType.startsWith(type))?.[1] ?? 'audio'
  return `Recording ${day} at ${time}.${ending}`
}
