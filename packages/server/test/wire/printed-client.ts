// The envelope client that documentations print: opens with its token in the query, and reconnects with a growing pause.
/** As printed, but that what it hears can be watched, and that its fields are written out. */
export class WebSocketClient {
  ws!: WebSocket
  private readonly url: string
  private readonly token: string
  private reconnectAttempts = 0
  private maxReconnectAttempts = 5
  private handleError = null

  constructor(url: string, token: string) {
    this.url = url
    this.token = token
    this.connect()
  }

  private connect() {
    this.ws = new WebSocket(`${this.url}?token=${this.token}`)
    this.setupEventHandlers()
  }

  private setupEventHandlers() {
    this.ws.onmessage = this.handleMessage
    this.ws.onclose = this.handleClose
    this.ws.onerror = this.handleError
  }

  protected handleMessage(event: MessageEvent) {
    const message = JSON.parse(event.data)
    heard.push(message)
  }

  private handleClose(event: CloseEvent) {
    if (event.code !== 1000) {
      this.reconnect()
    }
  }

  private async reconnect() {
    if (this.reconnectAttempts >= this.maxReconnectAttempts) {
      throw new Error('Max reconnection attempts reached')
    }

    const delay = Math.min(1000 * 1.5 ** this.reconnectAttempts, 30000)
    await new Promise((resolve) => setTimeout(resolve, delay))
    this.reconnectAttempts++
    this.connect()
  }
}

/** Everything that clients of this class have heard. */
export const heard: { type: string; payload: Record<string, unknown> }[] = []
