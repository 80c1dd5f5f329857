// @vitest-environment happy-dom
import type { ClientState } from '@parley/client'
import { problem } from '@parley/protocol'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { Connection } from '../src/shell/connection.tsx'

afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

const said = () => screen.getByRole('status', { name: 'Connection' }).textContent

function show(state: ClientState, queued = 0, onRetry = () => {}) {
  render(<Connection state={state} queued={queued} onRetry={onRetry} />)
}

test('all is well: nothing to read but that', () => {
  show({ status: 'connected', attempt: 0 }, 1)
  expect(said()).toBe('Connected')
  expect(screen.queryByRole('button')).toBeNull()
})

test('a lost connection tells when it is tried again and what waits, and can be tried at once', () => {
  const retry = vi.fn()
  vi.spyOn(Date, 'now').mockReturnValue(1_000)
  show({ status: 'reconnecting', attempt: 3, retryAt: 5_400 }, 2, retry)
  expect(said()).toBe('Reconnecting in 5 s (attempt 3) · 2 messages waiting')
  fireEvent.click(screen.getByRole('button', { name: 'Retry now' }))
  expect(retry).toHaveBeenCalledOnce()
})

test('without a network there is no countdown', () => {
  vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false)
  show({ status: 'reconnecting', attempt: 3, retryAt: Date.now() + 5_000 }, 1)
  expect(said()).toBe('Offline · 1 message waiting')
})

test('a connection that is closed for good says why', () => {
  show({ status: 'closed', attempt: 0, problem: problem('access.denied', 'this account is blocked') })
  expect(said()).toBe('Disconnected: this account is blocked')
})

test('a poor connection is still one, and says what it is', () => {
  show({ status: 'connected', attempt: 0, quality: { roundTripMs: 900, jitterMs: 400, lossRatio: 0.2, poor: true } }, 1)
  expect(said()).toBe('Connected · the connection is poor · 1 message waiting')
})
