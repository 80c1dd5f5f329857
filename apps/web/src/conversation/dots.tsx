// Somebody is about to say something, or to say more.
export function Dots() {
  return (
    <span className="dots">
      <span className="visually-hidden">Thinking</span>
      <i />
      <i />
      <i />
    </span>
  )
}
