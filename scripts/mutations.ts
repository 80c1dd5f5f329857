/** Mistakes that the simulation must notice, each as one exact replacement of text in a source file. */

export interface Mutation {
  readonly name: string
  readonly file: string
  /** Stands in the file exactly once. */
  readonly from: string
  readonly to: string
}

const room = 'packages/server/src/engine/room.ts'
const reader = 'packages/server/src/engine/reader.ts'
const commands = 'packages/server/src/engine/commands.ts'
const recovery = 'packages/server/src/engine/recovery.ts'
const runs = 'packages/server/src/engine/runs.ts'
const answer = 'packages/server/src/engine/answer.ts'
const admit = 'packages/server/src/adapters/admit.ts'
const pages = 'packages/server/src/adapters/pages.ts'
const posts = 'packages/client/src/posts.ts'
const clientRoom = 'packages/client/src/room.ts'
const page = 'packages/protocol/src/page.ts'
const outbox = 'packages/client/src/outbox.ts'
const postLine = 'packages/server/src/engine/post-line.ts'
const heartbeat = 'packages/client/src/heartbeat.ts'
const connection = 'packages/server/src/engine/connection.ts'

export const mutations: readonly Mutation[] = [
  {
    name: 'an await between the last page and the first live event',
    file: room,
    from: '    this.#readers.add(reader)\n',
    to: '    this.#parts.clock.after(1, () => this.#readers.add(reader))\n',
  },
  {
    name: 'a rumour is applied out of order',
    file: room,
    from: 'if (event.seq !== this.#head + 1) {',
    to: 'if (event.seq <= this.#head) {',
  },
  {
    name: 'a pending post is not sent again after a lost connection',
    file: posts,
    from: 'this.#become(lost(this.#entries))',
    to: 'this.#become(this.#entries)',
  },
  {
    name: 'the log does not look whether a message is there already',
    file: admit,
    from: 'const known = twin !== undefined || entry.id === undefined ? undefined : find(entry)',
    to: 'const known = twin !== undefined || entry.opens === undefined ? undefined : find(entry)',
  },
  {
    name: 'a reader is let go at a position that it has not heard',
    file: room,
    from: 'reader.release({ epoch: this.#epoch, seq: this.#told }, this.#open)',
    to: 'reader.release({ epoch: this.#epoch, seq: this.#head }, this.#open)',
  },
  {
    name: 'it is forgotten how much of a stream a listener without positions has heard',
    file: reader,
    from: 'if (!this.ear.dialect.resumes) this.#heard = new Map(heard)',
    to: 'if (!this.ear.dialect.resumes) this.#heard = new Map()',
  },
  {
    name: 'nobody looks at the log for what no rumour told',
    file: room,
    from: '  async poll(): Promise<void> {\n    await this.#refresh()',
    to: '  async poll(): Promise<void> {\n    await undefined',
  },
  {
    name: 'runs of dead processes are not closed',
    file: recovery,
    from: 'if (alive.get(owner) === false) await this.#interrupt(span.room, run, started)',
    to: 'if (alive.get(owner) === undefined) await this.#interrupt(span.room, run, started)',
  },
  {
    name: 'runs of living processes are closed',
    file: recovery,
    from: 'if (alive.get(owner) === false) await this.#interrupt(span.room, run, started)',
    to: 'await this.#interrupt(span.room, run, started)',
  },
  {
    name: 'a run is closed with text that is older than what was shown',
    file: recovery,
    from: 'await room.append(drafts, slice.upTo)',
    to: 'await room.append(drafts)',
  },
  {
    name: 'the rest of an answer is lost as it closes',
    file: answer,
    from: '    await this.#append([...drafts, ...endings(this.#agent, this.#run, this.#parts, outcome, rest)])',
    to: '    await this.#append([...drafts, ...endings(this.#agent, this.#run, this.#parts.slice(0, 1), outcome, rest)])',
  },
  {
    name: 'a tool that was at work stays so when its run ends',
    file: answer,
    from: 'for (const call of this.#tools)\n',
    to: 'for (const call of [] as string[])\n',
  },
  {
    name: 'an answer that is cancelled goes on',
    file: runs,
    from: "if (fact.type === 'run.cancelling') this.#jobs.get(fact.run)?.abort.abort('cancelled' satisfies Outcome)",
    to: "if (fact.type === 'run.cancelling') this.#jobs.get(fact.run)",
  },
  {
    name: 'a message that is sent twice is answered twice',
    file: runs,
    from: "else if (event.fact.type === 'run.started' && !repeated) fresh.set(",
    to: "else if (event.fact.type === 'run.started') fresh.set(",
  },
  {
    name: 'anybody may enter a private session',
    file: commands,
    from: 'return owner === undefined || owner === actor.id || actor.grants?.some((grant) => grant.room === id) === true',
    to: 'return owner !== actor.id || actor.grants === undefined',
  },
  {
    name: 'permission is asked and ignored',
    file: commands,
    from: 'return allowed.then((yes) => (yes ? this.#open(actor, action, id, make) : denied(action, id)))',
    to: 'return allowed.then(() => this.#open(actor, action, id, make))',
  },
  {
    name: 'the horizon falls inside a message',
    file: pages,
    from: '    if (calm < seq) continue\n',
    to: '',
  },
  {
    name: 'a page of the last events begins inside a message',
    file: pages,
    from: 'if (isFull(limit, events, bytes)) return row.calm',
    to: 'if (isFull(limit, events, bytes)) return row.seq',
  },
  {
    name: 'a post is shown as pending beside its message',
    file: clientRoom,
    from: '    this.#posts.appeared(page)\n',
    to: '',
  },
  {
    name: 'growth is dropped although its message is still open',
    file: page,
    from: 'if (closed.has(key)) continue',
    to: 'if (closed.size > 0) continue',
  },
  {
    name: 'what is posted is not kept over a refresh',
    file: outbox,
    from: 'this.#store.keep(this.#user, { ...post, order })',
    to: 'this.#store.load(this.#user)',
  },
  {
    name: 'posts overtake each other on the way',
    file: postLine,
    from: 'if (after !== undefined && after !== this.#last)',
    to: 'if (after !== undefined && after === post.id)',
  },
  {
    name: 'the next command does not wait until the one before is allowed',
    file: connection,
    from: 'if (deciding !== undefined) this.#decide(deciding)',
    to: 'if (deciding !== undefined) void deciding',
  },
  {
    name: 'a client does not notice that the server is gone',
    file: heartbeat,
    from: 'else lost()',
    to: 'else rest()',
  },
]
