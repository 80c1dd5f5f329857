// What the guide says of itself, when nobody asked about Parley.

const WHAT_I_AM =
  'I am the guide of this Parley server. I am not a language model: I search the documentation of Parley and show you ' +
  'the passages that fit, with links to where they stand. I do not make anything up, and I know nothing else.'

const ASK_ME =
  'Ask me, for example:\n\n' +
  '- How do I start the server?\n' +
  '- How do I plug in my own agent?\n' +
  '- What happens when the server is killed in the middle of an answer?\n' +
  '- Which environment variables exist?'

const ASK_MORE = 'Ask “What can you do?” for the tools that I have.'

const MY_TOOLS =
  'I have a few tools, too. All that they do is real, and everybody in the room can watch it:\n\n' +
  '- **Calculate**: “What is 12 * (3 + 4)?”, “15 % of 80”, “calculate sqrt(2)”.\n' +
  '- **Find these very words**: a phrase in quotes, such as “"append-only log"”. If it stands nowhere, I search for what is near it.\n' +
  '- **Index the documentation again**: “Index the docs again”. It takes some seconds, shows how far it has come, and can be stopped.\n' +
  '- **Clear the search index**: “Clear the index”. I do it only when somebody in the room allows it.\n\n' +
  'A message that reaches me while I answer can be another question, “shorter” or “stop”.'

const TALK: readonly (readonly [pattern: RegExp, answer: string])[] = [
  [
    /^(?:hi|hello|hey|hallo|howdy|greetings|welcome|good (?:morning|afternoon|evening|day))(?: (?:there|guide|parley|you|all|everyone|again))*$/,
    `Hello. ${WHAT_I_AM}\n\n${ASK_ME}\n\n${ASK_MORE}`,
  ],
  [
    /^(?:(?:many )?thanks?(?: (?:you|a lot|so much|very much|again))*|thx|ty|cheers|great|perfect|nice|cool|awesome|ok|okay|good|got it)(?: (?:thanks|thank you|guide))*$/,
    'You are welcome. Ask on whenever you like.',
  ],
  [
    /^(?:bye|goodbye|good bye|good night|see you|see you later|ciao)(?: guide)?$/,
    'Goodbye. This conversation stays where it is.',
  ],
  [
    /^(?:who|what) are you(?: exactly)?$|^what is this$|^(?:tell me )?about yourself$|^are you (?:a |an |the )?(?:bot|robot|human|person|ai|machine|llm|language model|chatgpt|gpt|claude|real)$/,
    `${WHAT_I_AM} Whoever runs this server can put a language model or an agent of their own in my place.`,
  ],
  [
    /^(?:help|help me|help please|please help|what can (?:you|i) (?:do|ask)(?: you)?|how (?:can|do) you help(?: me)?|what do you (?:do|know)|test|testing|(?:what|which) (?:tools|commands|abilities) (?:do you have|are there|can you use)|(?:list )?your tools)$/,
    `${WHAT_I_AM}\n\n${ASK_ME}\n\n${MY_TOOLS}`,
  ],
]

/** The answer to small talk, or undefined where it is none. */
export function smallTalk(text: string): string | undefined {
  const words = plainly(text)
  return TALK.find(([pattern]) => pattern.test(words))?.[1]
}

/** The words alone, in small letters. */
export function plainly(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s]/gu, '')
    .replace(/\s+/g, ' ')
    .trim()
}
