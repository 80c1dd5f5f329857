// How the web app is built: the packages' sources in, static files for the server out.
import { brotliCompressSync, gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig, type Plugin } from 'vite'

const server = process.env.PARLEY_SERVER ?? 'http://127.0.0.1:3000'

export default defineConfig({
  plugins: [react(), compressed()],
  resolve: { conditions: ['parley-source', ...defaultClientConditions] },
  build: {
    target: ['chrome123', 'edge123', 'firefox121', 'safari17.5'],
    modulePreload: { polyfill: false },
    // The Markdown renderer is large, alone in its file, and loaded beside the first connection.
    chunkSizeWarningLimit: 600,
  },
  server: {
    proxy: {
      '/api': { target: server, ws: true },
      // Who opens a document gets the app, which then asks for its text.
      '/docs': { target: server, bypass: ({ headers }) => headers.accept?.includes('text/html') && '/index.html' },
    },
  },
})

/** Scripts and styles once more as `.br` and `.gz`, so that no server has to compress them while somebody waits. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        for (const { fileName, ...file } of Object.values(bundle)) {
          if (!/\.(?:js|css)$/u.test(fileName)) continue
          const source = file.type === 'chunk' ? file.code : file.source
          this.emitFile({ type: 'asset', fileName: `${fileName}.br`, source: brotliCompressSync(source) })
          this.emitFile({ type: 'asset', fileName: `${fileName}.gz`, source: gzipSync(source) })
        }
      },
    },
  }
}
