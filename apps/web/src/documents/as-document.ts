// Makes a document out of a Markdown tree: places can be linked to, and links lead on from where it is shown.
import { anchorsOf } from './anchors.ts'
import { linkFrom, pictureFrom } from './documents.ts'

/** As much of a Markdown tree's node as is needed here. */
interface Node {
  readonly type: string
  readonly value?: string
  readonly alt?: string | null
  url?: string
  children?: Node[]
  data?: { readonly hProperties: { readonly id: string } }
}

type Plugin = [plugin: (options: { readonly from: string }) => (tree: Node) => void, options: { readonly from: string }]

/** The plugin for the document `from`. Its options tell it from those of other documents, where parsers are kept. */
export function asDocument(from: string): Plugin {
  return [documentTree, { from }]
}

function documentTree({ from }: { readonly from: string }) {
  return (tree: Node): void => {
    relink(tree, from)
    const headings = headingsIn(tree)
    const anchors = anchorsOf(headings.map(textOf))
    for (const [index, id] of anchors.entries()) {
      const heading = headings[index]
      if (heading !== undefined) heading.data = { hProperties: { id } }
    }
  }
}

/** Links that lead nowhere become their words, and pictures that are not there what they show. */
function relink(node: Node, from: string): void {
  if (node.children === undefined) return
  node.children = node.children.flatMap((child) => {
    relink(child, from)
    if (child.type === 'image' && child.url !== undefined) return [pictured(child, pictureFrom(from, child.url))]
    if (child.type !== 'link' || child.url === undefined) return [child]
    const url = linkFrom(from, child.url)
    return url === undefined ? (child.children ?? []) : [{ ...child, url }]
  })
}

function pictured(image: Node, url: string | undefined): Node {
  return url === undefined ? { type: 'text', value: image.alt ?? '' } : { ...image, url }
}

function headingsIn(node: Node): Node[] {
  return node.type === 'heading' ? [node] : (node.children ?? []).flatMap(headingsIn)
}

function textOf({ value = '', children = [] }: Node): string {
  return value + children.map(textOf).join('')
}
