// The plainest server of files in Node: what is posted is streamed into a file, what is asked for is streamed out of it.
import { createReadStream, createWriteStream } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

const file = join(process.env.PARLEY_DATA, 'file')

async function answer(request, response) {
  if (request.method === 'POST') {
    await pipeline(request, createWriteStream(file))
    response.end('taken')
  } else await pipeline(createReadStream(file), response)
}

const server = createServer((request, response) => {
  answer(request, response).catch((cause) => response.destroy(cause))
})
server.listen(0, '127.0.0.1', () => console.log(`ready at http://127.0.0.1:${server.address().port}`))
