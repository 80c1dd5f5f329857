// Whether bytes are text: what has no magic number of its own. Pure.

/** UTF-8 without the control characters that no text has. The last character may be cut. */
export function isText(head: Uint8Array): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true })
    return !CONTROL.test(text.replaceAll(ESCAPE, ''))
  } catch {
    return false
  }
}

/** What programs print for terminals is text as well. */
const ESCAPE = '\u001b'
/** Control characters but for tab, line feed, form feed and carriage return. */
const CONTROL = /[^\P{Cc}\t\n\f\r]/u
