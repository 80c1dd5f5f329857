// The test kit: what Parley is tested with, for those who build on it.
export * from './fake-anthropic.ts'
