// What a connection asks for about files.
import { type Abandon, type Answer, type Attach, type Link, Refusal, type Upload } from '@parley/protocol'
import type { Attachments } from './attachments.ts'
import type { Connection } from './connection.ts'

export type AboutFiles = Upload | Attach | Abandon | Link

/** @param files undefined: this server takes none. */
export async function aboutFiles(
  connection: Connection,
  command: AboutFiles,
  files: Attachments | undefined,
): Promise<Answer> {
  if (files === undefined) throw new Refusal('attachment.type', 'this server takes no files')
  switch (command.type) {
    case 'upload':
      return files.uploads.begin(connection, command)
    case 'attach':
      return files.uploads.attach(connection, command)
    case 'abandon':
      return files.uploads.abandon(connection, command)
    case 'link': {
      const link = await files.link(connection.actor, command.attachment)
      return { type: 'link', attachment: command.attachment, ...link }
    }
  }
}
