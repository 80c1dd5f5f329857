// How the web app is built: the packages' sources in, static files for the server out.
import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig } from 'vite'

const server = process.env.PARLEY_SERVER ?? 'http://127.0.0.1:3000'

export default defineConfig({
  plugins: [react()],
  resolve: { conditions: ['parley-source', ...defaultClientConditions] },
  build: {
    target: ['chrome123', 'edge123', 'firefox121', 'safari17.5'],
    modulePreload: { polyfill: false },
    // The Markdown renderer is large, alone in its file, and loaded beside the first connection.
    chunkSizeWarningLimit: 600,
  },
  server: { proxy: { '/api': { target: server, ws: true } } },
})
