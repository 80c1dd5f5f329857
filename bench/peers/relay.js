// The usual loop of a chat server on `ws` sockets: rooms are sets of sockets, JSON comes in, JSON goes out to each. Keeps nothing.
import { stream } from './stream.js'

const rooms = new Map()

/** Serves a socket of the `ws` library. */
export function relay(socket) {
  const send = (message) => socket.send(JSON.stringify(message))
  socket.on('message', (data) => {
    const message = JSON.parse(data)
    switch (message.type) {
      case 'join':
        join(socket, message.room)
        return send({ type: 'joined', room: message.room })
      case 'publish':
        return publish(message)
      case 'echo':
        return send(message)
      case 'stream':
        return void stream(message, send)
    }
  })
}

function join(socket, room) {
  const members = rooms.get(room) ?? new Set()
  rooms.set(room, members.add(socket))
  socket.once('close', () => members.delete(socket))
}

function publish({ room, text }) {
  const said = JSON.stringify({ type: 'message', room, text })
  for (const member of rooms.get(room) ?? []) member.send(said)
}
