// The token of an HTTP request.
import type { FastifyRequest } from 'fastify'

export function bearerOf(request: Pick<FastifyRequest, 'headers'>): string | undefined {
  return /^bearer (.+)$/iu.exec(request.headers.authorization ?? '')?.[1]
}
