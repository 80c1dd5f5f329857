// What stands in a conversation that nobody has begun.
import { isSession, type RoomId } from '@parley/protocol'
import { useAbout } from '../shell/about.ts'

interface Props {
  readonly room: RoomId
  readonly onAsk: (text: string) => Promise<void>
}

/** The guide knows the documentation; this is what it can answer and do. */
const questions: readonly string[] = [
  'What is Parley?',
  'What happens to my message when the network fails?',
  'How do I put it into my own server?',
  'Index the documentation again',
]

export function Welcome({ room, onAsk }: Props) {
  const agent = useAbout()?.agent
  if (!isSession(room)) {
    return (
      <div className="welcome">
        <h2>Nobody has said anything here yet</h2>
        <p>
          Everybody in <bdi>{room}</bdi> sees what is written here.
          {agent && ` Mention @${agent.id} to get an answer.`}
        </p>
      </div>
    )
  }
  return (
    <div className="welcome">
      <h2>What would you like to talk about?</h2>
      <p>{agent ? `Here you talk with ${agent.name}.` : 'Nobody else reads this conversation.'}</p>
      {agent?.id === 'guide' && (
        <ul>
          {questions.map((question) => (
            <li key={question}>
              <button type="button" className="button" onClick={() => void onAsk(question).catch(() => undefined)}>
                {question}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
