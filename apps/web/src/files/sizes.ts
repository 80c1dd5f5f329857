// How much a file is, and how long a sound is, in words.

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** Of what is more than a few of its unit, the whole number says enough. */
export function sizeWords(bytes: number): string {
  const power = Math.min(bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3), UNITS.length - 1)
  const count = bytes / 1000 ** power
  return `${count.toLocaleString(undefined, { maximumFractionDigits: power > 0 && count < 10 ? 1 : 0 })} ${UNITS[power]}`
}

/** 0:07, 12:34, 1:02:03. */
export function timeWords(ms: number): string {
  const seconds = Math.floor(Math.max(ms, 0) / 1000)
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)]
  const two = (number: number): string => String(number).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}
