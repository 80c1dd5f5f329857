// Bun's own server, whose sockets are uWebSockets: rooms are its topics.
import { stream } from './stream.js'

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch: (request, server) => (server.upgrade(request) ? undefined : new Response('WebSocket only', { status: 426 })),
  websocket: {
    message(socket, data) {
      const message = JSON.parse(data)
      const send = (answer) => socket.send(JSON.stringify(answer))
      switch (message.type) {
        case 'join':
          socket.subscribe(message.room)
          return send({ type: 'joined', room: message.room })
        case 'publish':
          return publish(message)
        case 'echo':
          return send(message)
        case 'stream':
          return void stream(message, send)
      }
    },
  },
})

function publish({ room, text }) {
  server.publish(room, JSON.stringify({ type: 'message', room, text }))
}

console.log(`ready at http://127.0.0.1:${server.port}`)
