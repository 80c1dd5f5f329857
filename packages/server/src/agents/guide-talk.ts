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

const TALK: readonly (readonly [pattern: RegExp, answer: string])[] = [
  [
    /^(?:hi|hello|hey|hallo|howdy|greetings|welcome|good (?:morning|afternoon|evening|day))(?: (?:there|guide|parley|you|all|everyone|again))*$/,
    `Hello. ${WHAT_I_AM}\n\n${ASK_ME}`,
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
    /^(?:help|help me|help please|please help|what can (?:you|i) (?:do|ask)(?: you)?|how (?:can|do) you help(?: me)?|what do you (?:do|know)|test|testing)$/,
    `${WHAT_I_AM}\n\n${ASK_ME}`,
  ],
]

/** The answer to small talk, or undefined where it is none. */
export function smallTalk(text: string): string | undefined {
  const words = text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s]/gu, '')
    .replace(/\s+/g, ' ')
    .trim()
  return TALK.find(([pattern]) => pattern.test(words))?.[1]
}
