// Where the engine tells what went wrong or is worth knowing. Never content, never tokens.
export interface Journal {
  info(what: string, more?: object): void
  warn(what: string, more?: object): void
  error(what: string, cause: unknown, more?: object): void
}
