// What charts are drawn with: SVG that is read on light and on dark paper alike.

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600; font-size: 15px }
  .quiet { fill: #57606a }
  .end { text-anchor: end }
  .middle { text-anchor: middle }
  .ours { fill: #0b6bcb }
  .theirs { fill: #8c959f }
  .axis { stroke: #d0d7de; stroke-width: 1 }
  .line { stroke: #0b6bcb; stroke-width: 2; fill: none }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .quiet { fill: #9198a1 }
    .ours { fill: #4ba3ff }
    .theirs { fill: #6e7681 }
    .axis { stroke: #3d444d }
    .line { stroke: #4ba3ff }
  }`

/** A whole picture. `what` is for those who cannot see it. */
export function picture(width: number, height: number, what: string, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(what)}">
<style>${STYLE}
</style>
${parts.join('\n')}
</svg>
`
}

export function text(x: number, y: number, words: string, kind = ''): string {
  return `<text x="${short(x)}" y="${short(y)}"${classOf(kind)}>${escaped(words)}</text>`
}

export function bar(x: number, y: number, width: number, height: number, kind: string): string {
  const size = `width="${short(width)}" height="${short(height)}"`
  return `<rect x="${short(x)}" y="${short(y)}" ${size} rx="2"${classOf(kind)}/>`
}

export function line(points: readonly (readonly [x: number, y: number])[], kind: string): string {
  return `<polyline points="${points.map(([x, y]) => `${short(x)},${short(y)}`).join(' ')}"${classOf(kind)}/>`
}

export function dot(x: number, y: number, kind: string): string {
  return `<circle cx="${short(x)}" cy="${short(y)}" r="3.5"${classOf(kind)}/>`
}

function classOf(kind: string): string {
  return kind === '' ? '' : ` class="${kind}"`
}

function short(value: number): string {
  return String(Math.round(value * 10) / 10)
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
