'use client'
// React hooks over the Parley client: one connection for a tree of components, and rooms that are joined while shown.
export { ParleyProvider, type ParleyProviderProps, useClient } from './provider.ts'
export { useConnection } from './use-connection.ts'
export { type Messages, useMessages } from './use-messages.ts'
export { useRoom } from './use-room.ts'
export { type Runs, useRuns } from './use-runs.ts'
export { useTools } from './use-tools.ts'
export { useWebSocket, type WebSocketState } from './use-web-socket.ts'
