// The words that server and clients share. No I/O, no clock, no dependency.
export * from './command.ts'
export { type AiSdkMemory, aiSdk } from './dialects/ai-sdk.ts'
export type { Chunk } from './dialects/ai-sdk-chunk.ts'
export {
  type AnswerPicture,
  answerOf,
  nothingTold,
  type Told,
  tellAnswer,
} from './dialects/ai-sdk-chunks.ts'
export { chatRoom } from './dialects/ai-sdk-room.ts'
export type { Said, SaidPart } from './dialects/ai-sdk-shapes.ts'
export { type ChatSend, type Deed, deedOf, type Wish, wishOf } from './dialects/ai-sdk-wish.ts'
export * from './dialects/dialect.ts'
export { envelope } from './dialects/envelope.ts'
export { fileUrl, idOfFile } from './dialects/file-url.ts'
export { flat } from './dialects/flat.ts'
export { native, SUBPROTOCOL } from './dialects/native.ts'
export * from './event.ts'
export * from './page.ts'
export { fileNameOf, isFields, isFileName, isJson, isToken, MAX_PARTS, parseCommand, readJson } from './parse.ts'
export * from './piece.ts'
export * from './problem.ts'
export * from './signal.ts'
export * from './timeline.ts'
export * from './words.ts'
