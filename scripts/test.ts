/** `npm test`: gets what the tests need, builds the web app if it must be, and runs every test once. */
import { chromium } from './chromium.ts'
import { runNode } from './run.ts'
import { buildWebIfStale } from './web.ts'

const browser = chromium()
if ('path' in browser) process.env.PARLEY_TEST_CHROMIUM = browser.path
else delete process.env.PARLEY_TEST_CHROMIUM

buildWebIfStale()
process.exitCode = runNode('node_modules/vitest/vitest.mjs', ['run', ...process.argv.slice(2)])
if ('missing' in browser) console.error(`SKIPPED the browser tests: ${browser.missing}`)
