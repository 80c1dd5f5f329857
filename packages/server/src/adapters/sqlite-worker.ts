// The thread that owns the SQLite file. What was asked while it was busy it takes up together.
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { Said, Told } from './sqlite-calls.ts'
import { Commits, isReading } from './sqlite-commits.ts'
import { closeFile, openFile } from './sqlite-file.ts'

if (parentPort === null) throw new Error('this file is run as a worker')
start(parentPort)

function start(port: MessagePort): void {
  const tell = (told: Told): void => port.postMessage(told)
  try {
    const { db, notes } = openFile(workerData)
    const commits = new Commits(db)
    port.on('message', (first: Said) => {
      const said = [first, ...waiting(port)]
      const asks = said.flatMap((one) => (one === 'close' ? [] : one))
      const writes = asks.filter((ask) => !isReading(ask))
      // Reads come after the commit, so that they never tell what might be rolled back.
      if (writes.length > 0) tell(commits.write(writes))
      const reads = asks.filter(isReading)
      if (reads.length > 0) tell({ replies: reads.map((ask) => commits.read(ask)), stored: false })
      commits.keepUp()
      if (said.includes('close')) {
        port.close()
        commits.close()
        closeFile(db)
      }
    })
    tell({ opened: notes })
  } catch (error) {
    tell({ unopened: error })
  }
}

function* waiting(port: MessagePort): Generator<Said, void, undefined> {
  for (let more = receiveMessageOnPort(port); more !== undefined; more = receiveMessageOnPort(port)) yield more.message
}
