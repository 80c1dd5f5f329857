// A server on the `ws` library.
import { WebSocketServer } from 'ws'
import { relay } from './relay.js'

const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
server.on('connection', relay)
server.once('listening', () => console.log(`ready at http://127.0.0.1:${server.address().port}`))
