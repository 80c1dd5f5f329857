// Has the browser save what is under a URL, as it does with a link that somebody follows.

export function save(url: string, name: string): void {
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
}
