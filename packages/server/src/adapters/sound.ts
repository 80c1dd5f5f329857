// How long a sound is, and how loud it is from its beginning to its end.
import { decodeChunked } from '@audio/decode'
import { type IFormat, parseBuffer } from 'music-metadata'
import type { Findings } from '../seams/inspect.ts'
import { Loudness } from './loudness.ts'

type Format = Parameters<typeof decodeChunked>[1]

/** The bars of a waveform. */
const PEAKS = 64
/** What is decoded in one go. */
const PIECE_BYTES = 64 * 1024

export async function listen(mediaType: string, size: number, bytes: Uint8Array): Promise<Findings> {
  const { format } = await parseBuffer(bytes, { size, mimeType: mediaType }, { skipCovers: true })
  const sound = format.hasVideo === true ? undefined : (soundTypes.get(mediaType) ?? mediaType)
  if (sound === undefined || !sound.startsWith('audio/')) return { mediaType, ...lasting(format.duration) }
  // Of a longer one only the beginning is here.
  const heard = bytes.length === size ? await loudnessOf(formatOf(sound, format), bytes) : undefined
  if (heard === undefined || heard.seconds === 0)
    return { mediaType: sound, ...lasting(durationOf(format, size, bytes)) }
  return { mediaType: sound, ...lasting(heard.seconds), peaks: heard.peaks(PEAKS) }
}

/** Containers without a picture in them. */
const soundTypes = new Map([
  ['video/webm', 'audio/webm'],
  ['video/mp4', 'audio/mp4'],
  ['video/ogg', 'audio/ogg'],
])

function lasting(seconds: number | undefined): Pick<Findings, 'durationMs'> {
  return seconds === undefined || !(seconds > 0) ? {} : { durationMs: Math.round(seconds * 1000) }
}

/** A WAV is taken for as long as what is there of it. */
function durationOf({ container, duration }: IFormat, size: number, { length }: Uint8Array): number | undefined {
  return container === 'WAVE' && duration !== undefined ? (duration * size) / length : duration
}

function formatOf(mediaType: string, { codec = '' }: IFormat): Format | undefined {
  if (mediaType === 'audio/ogg') return /opus/iu.test(codec) ? 'opus' : 'oga'
  return formats.get(mediaType)
}

const formats = new Map<string, Format>([
  ['audio/mpeg', 'mp3'],
  ['audio/wav', 'wav'],
  ['audio/vnd.wave', 'wav'],
  ['audio/flac', 'flac'],
  ['audio/x-flac', 'flac'],
  ['audio/webm', 'webm'],
  ['audio/mp4', 'm4a'],
  ['audio/x-m4a', 'm4a'],
  ['audio/aac', 'aac'],
  ['audio/aiff', 'aiff'],
  ['audio/amr', 'amr'],
])

/** Undefined where it cannot be decoded. */
async function loudnessOf(format: Format | undefined, bytes: Uint8Array): Promise<Loudness | undefined> {
  if (format === undefined) return undefined
  const loudness = new Loudness()
  try {
    for await (const { channelData, sampleRate } of decodeChunked(pieces(bytes), format))
      loudness.hear(channelData[0] ?? new Float32Array(), sampleRate)
    return loudness
  } catch {
    return undefined
  }
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES)
}
