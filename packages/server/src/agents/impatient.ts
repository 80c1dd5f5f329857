// A fetch for SDKs that wait as long as `retry-after` says, were it an hour: here that is answered instead.

/** Seconds that an answer may be put off by a model that asks for a pause; beyond them the user is told. */
const PATIENCE_S = 5

export async function impatient(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, init)
  const { status, headers, body } = response
  if (response.ok || !(Number(headers.get('retry-after')) > PATIENCE_S)) return response
  return new Response(body, { status, headers: [...headers, ['x-should-retry', 'false']] })
}
