// A program that talks to a server, closes its client, and then has nothing left to do.
import { connect } from '../src/index.ts'

const [url = ''] = process.argv.slice(2)
const client = connect(url, { token: 'a.b.c' })
const room = client.room('lobby')
const stop = room.subscribe(() => {})
await room.post('hello')
await client.close()
stop()
console.log('closed')
