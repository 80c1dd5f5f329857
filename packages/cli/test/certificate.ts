// A certificate for 127.0.0.1 that its own key has signed, written byte by byte (X.509 in DER) so that nothing has to be
// installed or kept, and a server with it before another that has none.
import { generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { createServer } from 'node:tls'
import { onTestFinished } from 'vitest'

export interface Certificate {
  /** PEM. */
  readonly cert: string
  readonly key: string
}

export function selfSigned(): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const ecdsaWithSha256 = sequence(id('2a8648ce3d040302'))
  const name = sequence(set(sequence(id('550403'), text('parley test'))))
  const day = 86_400_000
  const validity = sequence(time(Date.now() - day), time(Date.now() + day))
  // subjectAltName: an IP address; basicConstraints: it may vouch for itself.
  const names = sequence(id('551d11'), octets(sequence(tagged(0x87, Buffer.from([127, 0, 0, 1])))))
  const authority = sequence(id('551d13'), octets(sequence(tagged(0x01, Buffer.from([0xff])))))
  const told = sequence(
    tagged(0xa0, number(2)),
    number(1),
    ecdsaWithSha256,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(names, authority)),
  )
  const signature = tagged(0x03, Buffer.from([0]), sign('sha256', told, privateKey))
  return {
    cert: pem(sequence(told, ecdsaWithSha256, signature)),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

function tagged(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents)
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

const sequence = (...contents: readonly Buffer[]) => tagged(0x30, ...contents)
const set = (...contents: readonly Buffer[]) => tagged(0x31, ...contents)
const octets = (content: Buffer) => tagged(0x04, content)
const number = (value: number) => tagged(0x02, Buffer.from([value]))
const text = (value: string) => tagged(0x0c, Buffer.from(value))
/** Of an object, in hex as DER has it. */
const id = (hex: string) => tagged(0x06, Buffer.from(hex, 'hex'))

function time(at: number): Buffer {
  const [date, clock] = new Date(at).toISOString().split(/[T.]/)
  return tagged(0x18, Buffer.from(`${date}${clock}Z`.replaceAll(/[-:]/g, '')))
}

function pem(der: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replaceAll(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`
}

/** What comes over TLS goes to `url`; `headers` tells how each connection began. */
export async function tlsBefore(url: string) {
  const { cert, key } = selfSigned()
  const { hostname, port } = new URL(url)
  const heads: string[] = []
  const server = createServer({ cert, key }, (near) => {
    const far = connect(Number(port), hostname)
    near.once('data', (bytes) => heads.push(bytes.toString()))
    near.pipe(far).pipe(near)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => {})
      one.on('close', () => other.destroy())
    }
    onTestFinished(() => void near.destroy())
  })
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port: own } = server.address() as AddressInfo
  return { url: `https://127.0.0.1:${own}`, ca: cert, headers: (): readonly string[] => heads }
}
