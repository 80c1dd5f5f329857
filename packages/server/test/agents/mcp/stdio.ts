// The tool server as a process.
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { toolServer } from './tools.ts'

serveStdio(() => toolServer())
