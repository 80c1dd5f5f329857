// A server on `@fastify/websocket`.
import websocket from '@fastify/websocket'
import fastify from 'fastify'
import { relay } from './relay.js'

const app = fastify()
await app.register(websocket)
app.get('/', { websocket: true }, relay)
console.log(`ready at ${await app.listen({ host: '127.0.0.1', port: 0 })}`)
