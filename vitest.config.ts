import { defaultClientConditions, defaultServerConditions } from 'vite'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Tests read the sources of the packages, in this process and in every Node it starts.
  resolve: { conditions: ['parley-source', ...defaultClientConditions] },
  ssr: { resolve: { conditions: ['parley-source', ...defaultServerConditions] } },
  test: {
    include: ['{packages,apps}/*/test/**/*.test.{ts,tsx}', 'test/**/*.test.ts'],
    pool: 'forks',
    // Each worker thread of a log strips the types of its sources in WebAssembly. With hundreds of threads V8 may crash when it
    // makes the calls out of it faster; so it does not.
    execArgv: ['--conditions=parley-source', '--wasm-wrapper-tiering-budget=1000000000'],
    testTimeout: 15_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
  },
})
