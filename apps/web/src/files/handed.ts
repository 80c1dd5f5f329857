// Files that are handed over: dropped onto the page, or pasted.

/** What is dragged, where it holds files. */
export function filesIn({ dataTransfer }: DragEvent): DataTransfer | undefined {
  return dataTransfer?.types.includes('Files') === true ? dataTransfer : undefined
}

/** What was dropped; folders are none. */
export function filesDropped({ items, files }: DataTransfer): readonly File[] {
  const folders = new Set([...items].flatMap((item) => (isFolder(item) ? (item.getAsFile()?.name ?? []) : [])))
  return [...files].filter(({ name }) => !folders.has(name))
}

function isFolder(item: DataTransferItem): boolean {
  return item.kind === 'file' && item.webkitGetAsEntry?.()?.isDirectory === true
}

/** What was pasted besides text. Programs that copy formatted text add a picture of it, which nobody means. */
export function filesPasted({ types, files }: DataTransfer): readonly File[] {
  const formatted = types.includes('text/rtf') || (types.includes('text/plain') && types.includes('text/html'))
  return formatted ? [] : [...files].map(named)
}

/** Every picture without a file of its own is called the same. */
function named(file: File): File {
  if (file.name !== 'image.png') return file
  const time = new Date().toLocaleTimeString('en-GB').replaceAll(':', '.')
  return new File([file], `Pasted at ${time}.png`, { type: file.type, lastModified: file.lastModified })
}
