// How a question and a document come to the same words: stems, words that say nothing, and words that mean the same here.

const EMPTY = new Set(
  (
    'a able about after again all also am an and any anyone anything are as at be because been being best between but by can cannot ' +
    'could change changed changing choose could did difference do does doing done dont else ever every exist few find for from gets get getting give given go goes going got ' +
    'had handle handled happen happens has have having he help hello her hi his how i if in into is it its just kind ' +
    'know let like look made make makes many may me mean means might more most much must my need needs no not of off ok on ' +
    'one only or other our out over please possible really say says see set shall she should show so some something such ' +
    'tell than thanks that the their them then there these they thing things this those to too us use used uses using ' +
    'very want was way we were what whats when where whether which while who whom whose why will with work works ' +
    'would you your explain parley'
  ).split(' '),
)

/** Words of questions, and the words of the documentation for them. */
const MEANS = new Map(
  Object.entries({
    boot: 'start',
    bot: 'agent',
    break: 'crash cut',
    config: 'configuration environment',
    configure: 'configuration environment',
    crash: 'killed interrupted',
    delete: 'retention',
    die: 'killed crash interrupted',
    disconnect: 'reconnect resume',
    encrypted: 'tls',
    env: 'environment',
    error: 'problem refused',
    exception: 'problem',
    guarantee: 'guarantees',
    install: 'start',
    interrupt: 'cancel interrupted',
    jwt: 'token',
    kill: 'crash interrupted',
    launch: 'start',
    llm: 'agent claude',
    login: 'token',
    lose: 'lost durable',
    loss: 'lost durable',
    model: 'claude',
    offline: 'reconnect',
    old: 'history retention older',
    order: 'reorder',
    password: 'token',
    plug: 'define',
    plugin: 'fastify',
    port: 'listen',
    resend: 'unknown outcome',
    setting: 'configuration environment',
    settings: 'configuration environment',
    setup: 'start configuration',
    sigkill: 'killed crash',
    sign: 'token secret',
    stop: 'cancel',
    storage: 'data folder',
    stored: 'data folder',
    terminal: 'command',
  }).map(([word, meant]) => [bare(word), meant.split(' ').map(bare)]),
)

/** Letters, digits and `_` in a row, lower-cased; a composed name (`PARLEY_LOG`, `createServer`) also as its pieces. */
export function tokensOf(text: string): string[] {
  return (text.replace(/['’]/g, '').match(/[\p{L}\p{M}\p{N}_]+/gu) ?? []).flatMap((word) => {
    const pieces = word.match(/\p{Lu}?[\p{Ll}\p{M}\p{N}]+|[\p{Lu}\p{N}]+|[^\p{Lu}\p{Ll}\p{N}_]+/gu) ?? []
    const whole = word.toLowerCase()
    return pieces.length > 1 ? [whole, ...pieces.map((piece) => piece.toLowerCase())] : [whole]
  })
}

/** The word as it is compared, or undefined where it says nothing. */
export function stemOf(token: string): string | undefined {
  return EMPTY.has(token) ? undefined : bare(token)
}

/** Stems of the words that the documentation would use for this one. */
export function meantBy(stem: string): readonly string[] {
  return MEANS.get(stem) ?? []
}

/** "1 file", "2 files". */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

function bare(word: string): string {
  if (word.length < 4 || /[\d_]/.test(word)) return word
  return word
    .replace(/ies$/, 'y')
    .replace(/(?<![isu])s$/, '')
    .replace(/(?<=[a-z]{3})ing$|(?<=[a-z]{4})ed$/, '')
    .replace(/(?<=[a-z]{3})e$/, '')
    .replace(/([^aeiou])\1$/, '$1')
}
