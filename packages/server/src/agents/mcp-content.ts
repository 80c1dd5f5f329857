// What an MCP tool gives back, as the output of a tool: data where there is data, otherwise words.
import type { CallToolResult, ContentBlock } from '@modelcontextprotocol/client'
import { isJson, type Json } from '@parley/protocol'

/** Characters that are kept of words. */
const MOST = 50_000

/** The data that the tool returned, or what it said. */
export function outputOf(result: CallToolResult): Json {
  const { structuredContent } = result
  return structuredContent !== undefined && isJson(structuredContent) ? structuredContent : wordsOf(result)
}

/** What it said; what cannot be said in words is named. */
export function wordsOf({ content }: CallToolResult): string {
  const words = content.map(inWords).join('\n')
  return words.length <= MOST ? words : `${words.slice(0, MOST)}\n… and ${words.length - MOST} more characters`
}

function inWords(block: ContentBlock): string {
  switch (block.type) {
    case 'text':
      return block.text
    case 'image':
    case 'audio':
      return `[${block.type}, ${block.mimeType}, ${weightOf(block.data)}]`
    case 'resource_link':
      return `[${block.title ?? block.name}](${block.uri})`
    case 'resource': {
      const { resource } = block
      if ('text' in resource) return `${resource.uri}:\n${resource.text}`
      return `[file ${resource.uri}, ${resource.mimeType ?? 'of unknown kind'}, ${weightOf(resource.blob)}]`
    }
    default:
      return '[something that this server does not know]'
  }
}

/** Of base64. */
function weightOf(data: string): string {
  const bytes = Math.floor((data.replace(/=+$/, '').length * 3) / 4)
  return bytes < 1024 ? `${bytes} bytes` : `${Math.round(bytes / 1024)} kB`
}
