// Lines that may get more lines before the first one: what is on the screen then stays where it is.
import { Component, type ReactNode, type RefObject } from 'react'

interface Props {
  /** Changes when lines were put before the first one. */
  readonly start: number
  readonly scroller: RefObject<HTMLElement | null>
  readonly children: ReactNode
}

interface Anchor {
  readonly line: Element
  readonly top: number
}

export class Still extends Component<Props> {
  override getSnapshotBeforeUpdate(before: Props): Anchor | null {
    if (before.start === this.props.start) return null
    const edge = this.props.scroller.current?.getBoundingClientRect().top ?? 0
    const line = this.#lines().find((candidate) => candidate.getBoundingClientRect().bottom > edge)
    return line === undefined ? null : { line, top: line.getBoundingClientRect().top }
  }

  override componentDidUpdate(_before: Props, _state: unknown, anchor: Anchor | null): void {
    const view = this.props.scroller.current
    if (anchor === null || view === null || !anchor.line.isConnected) return
    view.scrollTop += anchor.line.getBoundingClientRect().top - anchor.top
  }

  override render(): ReactNode {
    return this.props.children
  }

  #lines(): readonly Element[] {
    return [...(this.props.scroller.current?.querySelectorAll('article') ?? [])]
  }
}
