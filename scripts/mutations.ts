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
const decisions = 'packages/server/src/engine/decisions.ts'
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
const atWork = 'packages/server/src/engine/at-work.ts'
const workbench = 'packages/server/src/engine/workbench.ts'
const toolCall = 'packages/server/src/engine/tool-call.ts'
const overlap = 'packages/server/src/engine/overlap.ts'
const event = 'packages/protocol/src/event.ts'

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
    from: 'const known = twin !== undefined || entry.id === undefined ? undefined : recall.find(entry)',
    to: 'const known = twin !== undefined || entry.opens === undefined ? undefined : recall.find(entry)',
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
    from: 'if (alive.get(owner) !== false) return',
    to: 'if (alive.get(owner) !== undefined) return',
  },
  {
    name: 'runs of living processes are closed',
    file: recovery,
    from: '    if (alive.get(owner) !== false) return\n',
    to: '',
  },
  {
    name: 'a run is closed with text that is older than what was shown',
    file: recovery,
    from: 'await room.append(closing(found), slice.upTo)',
    to: 'await room.append(closing(found))',
  },
  {
    name: 'the rest of an answer is lost as it closes',
    file: answer,
    from: 'endings(this.#agent, this.#held.run, this.#parts, outcome, rest, usage)',
    to: 'endings(this.#agent, this.#held.run, this.#parts.slice(0, 1), outcome, rest, usage)',
  },
  {
    name: 'a tool that was at work stays so when its run ends',
    file: workbench,
    from: 'for (const call of this.#calls.values()) if (call.result === undefined) call.end({ outcome })',
    to: 'void outcome',
  },
  {
    name: 'an answer that is cancelled goes on',
    file: runs,
    from: "if (fact.type === 'run.cancelling') job.abort.abort('cancelled' satisfies Outcome)",
    to: "if (fact.type === 'run.cancelling') void job.abort",
  },
  {
    name: 'a message that is sent twice is answered twice',
    file: admit,
    from: 'if (entry.follows && !leads) {',
    to: 'if (entry.follows && entry.id === undefined) {',
  },
  {
    name: 'anybody may enter a private session',
    file: 'packages/server/src/engine/grants.ts',
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
    from: 'if (closed.has(subject)) continue',
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
  {
    name: 'whoever held a run before may go on writing in it',
    file: admit,
    from: 'if (holding !== undefined && open.get(holding.span) !== holding.since)',
    to: 'if (holding !== undefined && open.get(holding.span) === undefined)',
  },
  {
    name: 'whoever held a run before may end it',
    file: answer,
    from: 'ends.map((draft) => ({ ...draft, holding: holdingOf(this.#held) }))',
    to: 'ends',
  },
  {
    name: 'a tool sets to work before it is written that it does',
    file: workbench,
    from: 'await call.started()',
    to: 'call.started().catch(() => undefined)',
  },
  {
    name: 'whoever held a run before makes a call that its holder makes',
    file: toolCall,
    from: 'this.#since}`',
    to: 'call}`',
  },
  {
    name: 'a tool that was denied is used',
    file: workbench,
    from: '      if (!decision.approved) return call.end(denied(decision))\n',
    to: '',
  },
  {
    name: 'a second decision is answered as if it stood',
    file: decisions,
    from: 'first.user?.id !== user.id || first.approved !== approved',
    to: 'first.run !== run',
  },
  {
    name: 'time overrides a decision',
    file: workbench,
    from: "call.decide(said?.type === 'approval.given' ? said : fact)",
    to: "call.decide(said?.type === 'approval.given' ? fact : fact)",
  },
  {
    name: 'a call ends twice',
    file: toolCall,
    from: '...print }, toolEndId(call))\n',
    to: "...print }, toolEndId(call))\n    this.#answer.put({ type: 'tool.ended', run: this.#run, call, outcome }, call + '.over')\n",
  },
  {
    name: 'a call that has ended can still be cancelled',
    file: workbench,
    from: 'if (call === undefined || call.result !== undefined) return true',
    to: 'if (call === undefined) return true',
  },
  {
    name: 'a run goes on elsewhere although its agent does not want that',
    file: recovery,
    from: "if (onInterrupted === 'end') return false",
    to: "if (onInterrupted === 'end') return true",
  },
  {
    name: 'a run that is taken up forgets what it had said',
    file: atWork,
    from: 'this.#answer.restore(left.partial.parts)',
    to: 'this.#answer.restore([])',
  },
  {
    name: 'the calls of a run that is taken up are known only when its turn has come',
    file: atWork,
    from: '    this.#bench.restore(left?.tools ?? [])\n',
    to: '',
  },
  {
    name: 'what was decided while nobody held the run is not heard',
    file: workbench,
    from: "if (decision?.fact.type === 'approval.given') call.decide(decision.fact)",
    to: 'void decision',
  },
  {
    name: 'what came too late to steer is lost',
    file: atWork,
    from: 'this.#steering.at(-1)',
    to: 'undefined',
  },
  {
    name: 'what other servers appended is not looked at before a run ends',
    file: atWork,
    from: 'look < LOOKS ? head : undefined',
    to: 'look < 0 ? head : undefined',
  },
  {
    name: 'anybody may steer the run of another',
    file: overlap,
    from: 'return partsOfKey(going.cause)[0] === by.id ? { seat, going } : undefined',
    to: 'return partsOfKey(going.cause)[0] === by.name ? undefined : { seat, going }',
  },
  {
    name: 'anybody may stop the run of another',
    file: commands,
    from: "if (!(await this.#parts.access.permit(actor, 'manage', room.id)))",
    to: "if (!(await this.#parts.access.permit(actor, 'read', room.id)))",
  },
  {
    name: 'an answer that is wished for twice is begun twice',
    file: runs,
    from: "if (fact.type !== 'run.started' || repeated) continue",
    to: "if (fact.type !== 'run.started') continue",
  },
  {
    name: 'what a tool printed is kept beside its end',
    file: event,
    from: "return fact.type === 'message.grew' || fact.type === 'tool.grew' || fact.type === 'message.added'",
    to: "return fact.type === 'message.grew' || fact.type === 'message.added'",
  },
  {
    name: 'what two tools print is joined',
    file: page,
    from: "return 'call' in fact ? toolSpan(fact) : undefined",
    to: "return 'call' in fact ? fact.run : undefined",
  },
]
