// SHA-256 of bytes that come piece by piece: the platform's own where it can do that (Node), else a library's.
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'

export interface Hasher {
  update(bytes: Uint8Array): void
  /** In hex. Once. */
  digest(): string
}

export function hasher(): Hasher {
  const node = nodeCrypto()
  if (node !== undefined) {
    const hash = node.createHash('sha256')
    return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') }
  }
  const hash = sha256.create()
  return { update: (bytes) => void hash.update(bytes), digest: () => bytesToHex(hash.digest()) }
}

/** Of a short text. */
export function digestOf(text: string): string {
  return bytesToHex(sha256(new TextEncoder().encode(text)))
}

interface NodeCrypto {
  createHash(name: 'sha256'): { update(bytes: Uint8Array): unknown; digest(as: 'hex'): string }
}

/** Asked for by name at run time, so that bundlers for browsers see no module of Node. */
function nodeCrypto(): NodeCrypto | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => NodeCrypto | undefined } }
  return process?.getBuiltinModule?.('node:crypto')
}
