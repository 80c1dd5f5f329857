#!/usr/bin/env node
// The `parley` command: importing this file runs it.
import { run } from './program.ts'
import { processTerminal } from './terminal.ts'

process.exitCode = await run(process.argv.slice(2), processTerminal())
// Whoever still writes to it does not keep the process alive.
process.stdin.destroy()
