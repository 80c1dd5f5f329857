#!/usr/bin/env -S node --max-semi-space-size=16
// The `parley` command: importing this file runs it. With a young generation of 48 MB at most, instead of some 100, very many
// connections that do nothing need half the memory; what is busy costs some 2 % more.
import { run } from './program.ts'
import { processTerminal } from './terminal.ts'

process.exitCode = await run(process.argv.slice(2), processTerminal())
// Whoever still writes to it does not keep the process alive.
process.stdin.destroy()
