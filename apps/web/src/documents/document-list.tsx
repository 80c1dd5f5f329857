// The list of all documents.
import { chapters } from './documents.ts'
import '../shell/sidebar.css'

export function DocumentList({ open }: { readonly open: string }) {
  return (
    <nav aria-label="Documents">
      {chapters.map(({ title, documents }) => (
        <section key={title} className="room-list" aria-label={title}>
          <h2>{title}</h2>
          <ul>
            {documents.map(({ path, title }) => (
              <li key={path}>
                <a href={`/docs/${path}`} aria-current={path === open ? 'page' : undefined}>
                  {title}
                </a>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  )
}
