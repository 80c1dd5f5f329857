// A browser's page beside a server in one process. Import it before React: the page must be there when React looks for it.
import { Window } from 'happy-dom'

const window = new Window({ url: 'http://localhost/' })

Object.assign(globalThis, { window, document: window.document, IS_REACT_ACT_ENVIRONMENT: true })
