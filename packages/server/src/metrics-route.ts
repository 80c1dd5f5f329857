// `/metrics` for Prometheus: to programs on this machine, and to those with a token that may manage everything.
import { Refusal } from '@parley/protocol'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { bearerOf } from './bearer.ts'
import { isLoopbackHost } from './doorkeeper.ts'
import { isLoopback } from './engine/limits.ts'
import type { Access, Actor } from './seams/access.ts'

export interface MetricsRouteOptions {
  readonly access: Access
  readonly metrics: { readonly contentType: string; text(): Promise<string> }
  operates(actor: Actor): boolean | Promise<boolean>
}

export function metricsRoute(fastify: FastifyInstance, options: MetricsRouteOptions): void {
  const { access, metrics, operates } = options

  fastify.get('/metrics', async (request, reply) => {
    const refusal = isHere(request) ? undefined : await refusalOf(request)
    if (refusal !== undefined) return refuse(reply, refusal)
    return reply.header('content-type', metrics.contentType).send(await metrics.text())
  })

  async function refusalOf(request: FastifyRequest): Promise<Refusal | undefined> {
    const token = bearerOf(request)
    if (token === undefined) return new Refusal('auth.missing', 'send a token as Authorization: Bearer')
    try {
      if (await operates(await access.identify(token))) return undefined
      return new Refusal('access.denied', 'only who may manage everything may see this')
    } catch (cause) {
      if (cause instanceof Refusal) return cause
      throw cause
    }
  }
}

function refuse(reply: FastifyReply, { problem }: Refusal): FastifyReply {
  if (problem.code === 'access.denied') return reply.code(403).send(problem)
  return reply.code(401).header('www-authenticate', 'Bearer').send(problem)
}

/** Asked from this machine, by its own name, and not through a proxy that lets others in. */
function isHere({ ip, socket, headers }: FastifyRequest): boolean {
  const forwarded = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'].some(
    (name) => name in headers,
  )
  return !forwarded && isLoopback(ip) && isLoopback(socket.remoteAddress ?? '') && isLoopbackHost(headers.host ?? '')
}
