// React hooks: a skin over the client.
'use client'
export { ParleyProvider, type ParleyProviderProps, useClient } from './provider.ts'
export { useConnection } from './use-connection.ts'
export { type MessagesView, useMessages } from './use-messages.ts'
export { type RoomView, useRoom } from './use-room.ts'
export { type RunsView, useRuns } from './use-runs.ts'
export { useTools } from './use-tools.ts'
export { useWebSocket, type WebSocketView } from './use-web-socket.ts'
