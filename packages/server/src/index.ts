// The public face of the server.
export { memoryBroker } from './adapters/memory-broker.ts'
export { memoryLog } from './adapters/memory-log.ts'
export { sqliteLog } from './adapters/sqlite-log.ts'
export { systemChance, systemClock } from './adapters/system-clock.ts'
export { issueToken, type TokenClaims, tokenAccess } from './adapters/token-access.ts'
export { type AGUIOptions, fromAGUI } from './agents/ag-ui.ts'
export { claude } from './agents/claude.ts'
export { defineAgent, defineTool, inputSchemaOf } from './agents/define.ts'
export { echo } from './agents/echo.ts'
export { guide } from './agents/guide.ts'
export { type McpAnnotations, type McpOptions, type McpServer, type McpTools, mcpTools } from './agents/mcp.ts'
export { type OpenAIOptions, openai } from './agents/openai.ts'
export {
  fromUIMessageStream,
  type UIMessageStream,
  type UIMessageStreamContext,
  type UIMessageStreamOptions,
} from './agents/ui-message-stream.ts'
export { createServer, type ParleyServer } from './create-server.ts'
export type { Overlap, Seat } from './engine/callings.ts'
export { createEngine, type Engine, type EngineOptions } from './engine/engine.ts'
export { type Limits, standardLimits } from './engine/limits.ts'
export { type AgentName, configFromEnv, type ParleyOptions, type ServerOptions, SettingError } from './options.ts'
export { type PluginOptions, parley } from './parley.ts'
export * from './seams/access.ts'
export * from './seams/agent.ts'
export * from './seams/broker.ts'
export * from './seams/clock.ts'
export * from './seams/journal.ts'
export * from './seams/log.ts'
export * from './seams/tool.ts'
export * from './seams/transport.ts'
