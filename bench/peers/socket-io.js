// A server on Socket.IO with its own rooms, over WebSocket only.
import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { stream } from './stream.js'

const http = createServer()
const io = new Server(http, { transports: ['websocket'] })
io.on('connection', (socket) => {
  socket.on('join', ({ room }) => {
    socket.join(room)
    socket.emit('joined', { room })
  })
  socket.on('publish', ({ room, text }) => io.to(room).emit('message', { room, text }))
  socket.on('echo', (message) => socket.emit('echo', message))
  socket.on('stream', (wish) => stream(wish, ({ type, ...more }) => socket.emit(type, more)))
})
http.listen(0, '127.0.0.1', () => console.log(`ready at http://127.0.0.1:${http.address().port}`))
