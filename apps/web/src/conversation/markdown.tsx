// An agent's text as Markdown while it is still growing, or a document. Loaded when first needed: it is the largest piece of the app.
import { defaultRemarkPlugins, Streamdown, type StreamdownProps } from 'streamdown'
import { asDocument } from '../documents/as-document.ts'
import { CodeBlock } from './code-block.tsx'
import { Link } from './link.tsx'
import './markdown.css'

type Components = NonNullable<StreamdownProps['components']>

/** Headings of a message stand below those of the page. Pictures from elsewhere become links: nobody is told who reads. */
const components: Components = {
  h1: 'h3',
  h2: 'h4',
  h3: 'h5',
  h4: 'h6',
  h5: 'h6',
  h6: 'h6',
  p: 'p',
  ul: 'ul',
  ol: 'ol',
  li: 'li',
  hr: 'hr',
  strong: 'strong',
  blockquote: 'blockquote',
  section: 'section',
  sub: 'sub',
  sup: 'sup',
  thead: 'thead',
  tbody: 'tbody',
  tr: 'tr',
  th: 'th',
  td: 'td',
  code: 'code',
  pre: ({ children }) => <CodeBlock>{children}</CodeBlock>,
  table: ({ children }) => (
    <div className="table">
      <table>{children}</table>
    </div>
  ),
  a: ({ href, children }) => <Link href={href}>{children}</Link>,
  img: ({ src, alt }) => <Link href={src}>{alt || 'Picture'}</Link>,
}

/** Headings of a document are those of the page. Links within the documentation stay in the tab, and its pictures are shown. */
const documentComponents: Components = {
  ...components,
  ...Object.fromEntries(['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((heading) => [heading, heading])),
  img: ({ src, alt }) =>
    typeof src === 'string' && src.startsWith('/docs/charts/') ? (
      <img src={src} alt={alt} loading="lazy" />
    ) : (
      <Link href={src}>{alt || 'Picture'}</Link>
    ),
  a: ({ href, children }) =>
    href !== undefined && /^(?:#|\/docs\/)/u.test(href) ? (
      <a href={href}>{children}</a>
    ) : (
      <Link href={href}>{children}</Link>
    ),
}

interface Props {
  readonly text: string
  readonly growing: boolean
  /** Which document it is, such as `guide/agents.md`; undefined for a message. */
  readonly document?: string
}

export default function Markdown({ text, growing, document }: Props) {
  if (document === undefined)
    return (
      <Streamdown className="markdown" components={components} parseIncompleteMarkdown={growing} dir="auto">
        {text}
      </Streamdown>
    )
  const plugins = [...Object.values(defaultRemarkPlugins), asDocument(document)]
  return (
    <div className="markdown">
      <Streamdown mode="static" components={documentComponents} remarkPlugins={plugins}>
        {text}
      </Streamdown>
    </div>
  )
}
