// What a token says about its bearer, read without judging it: the server alone decides whether it holds.

export interface Bearer {
  readonly id: string
  readonly name?: string
  /** Milliseconds since 1970; undefined where the token does not say. */
  readonly expiresAt?: number
}

/** Reads the claims of a JWT; undefined for what is none. */
export function bearerOf(token: string): Bearer | undefined {
  const claims = claimsOf(token)
  if (typeof claims?.sub !== 'string') return undefined
  return {
    id: claims.sub,
    ...(typeof claims.name === 'string' ? { name: claims.name } : {}),
    ...(typeof claims.exp === 'number' ? { expiresAt: claims.exp * 1000 } : {}),
  }
}

interface Claims {
  readonly sub?: unknown
  readonly name?: unknown
  readonly exp?: unknown
}

function claimsOf(token: string): Claims | undefined {
  const [, payload, signature] = token.split('.')
  if (payload === undefined || signature === undefined) return undefined
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (at) => at.charCodeAt(0))
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return typeof claims === 'object' && claims !== null ? claims : undefined
  } catch {
    return undefined
  }
}

/** Takes the token out of a link's fragment: `#token=…`. */
export function tokenInFragment(fragment: string): string | undefined {
  const token = new URLSearchParams(fragment.replace(/^#/, '')).get('token')?.trim()
  return token === undefined || token === '' ? undefined : token
}
