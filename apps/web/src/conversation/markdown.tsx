// An agent's text as Markdown while it is still growing. Loaded when first needed: it is the largest piece of the app.
import { Streamdown, type StreamdownProps } from 'streamdown'
import { CodeBlock } from './code-block.tsx'
import { Link } from './link.tsx'
import './markdown.css'

/** Headings of a message stand below those of the page. Pictures from elsewhere become links: nobody is told who reads. */
const components: NonNullable<StreamdownProps['components']> = {
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

export default function Markdown({ text, growing }: { readonly text: string; readonly growing: boolean }) {
  return (
    <Streamdown className="markdown" components={components} parseIncompleteMarkdown={growing} dir="auto">
      {text}
    </Streamdown>
  )
}
