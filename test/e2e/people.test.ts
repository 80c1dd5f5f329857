// Two people in one room, each in a browser of their own: what one does the other sees.
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, executablePath, log, until } from './page.ts'
import type { Line } from './proxy.ts'
import { type TwoPeople, twoPeople } from './two-people.ts'

describe.skipIf(executablePath === undefined)('two people in one room', () => {
  let people: TwoPeople
  let his: Line

  beforeAll(async () => {
    people = await twoPeople()
    his = people.his
  }, 60_000)

  afterAll(() => people?.end())

  const both: TwoPeople['both'] = () => people.both()
  const enter: TwoPeople['enter'] = (...who) => people.enter(...who)

  const lineOf = (page: Page, words: string): Locator => log(page).getByRole('article').filter({ hasText: words })

  /** Opens what can be done about a message. */
  async function actions(page: Page, words: string): Promise<Locator> {
    const message = lineOf(page, words)
    await message.hover()
    await message.getByRole('button', { name: 'Message actions' }).click()
    return message.getByRole('toolbar', { name: 'Message actions' })
  }

  const members = (page: Page): Locator => page.getByRole('button', { name: /^\d+ members? here$/u })

  test('who is here is seen, and a connection that comes back at once is no coming and going', async () => {
    const { ann, bob, close } = await both()
    await members(ann).click()
    const list = ann.getByRole('dialog', { name: /^Here now/u }).getByRole('listitem')
    await list.filter({ hasText: 'Bob' }).waitFor()
    await list.filter({ hasText: 'agent' }).first().waitFor()
    // Every way in which Bob may be missing from now on is written down.
    await ann.evaluate(() => {
      const here = () => [...document.querySelectorAll('.members li')].some((line) => line.textContent?.includes('Bob'))
      Object.assign(window, { missed: 0 })
      new MutationObserver(() => {
        if (!here()) Object.assign(window, { missed: 1 })
      }).observe(document.body, { subtree: true, childList: true, characterData: true })
    })
    const connection = bob.getByRole('status', { name: 'Connection' })
    his.cut()
    await connection.getByText(/Reconnecting|Offline/u).waitFor()
    his.mend()
    await connection.getByText('Connected').waitFor({ timeout: 30_000 })
    await ask(bob, 'I am back')
    await until(ann, 'I am back')
    expect(await ann.evaluate(() => Reflect.get(window, 'missed'))).toBe(0)
    await bob.context().close()
    await expect.poll(() => list.filter({ hasText: 'Bob' }).count(), { timeout: 45_000 }).toBe(0)
    await close()
  }, 120_000)

  test('one sees that the other writes, and nothing moves for it', async () => {
    const { ann, bob, close } = await both()
    const box = bob.getByRole('textbox', { name: 'Message' })
    const before = await box.boundingBox()
    await ann.getByRole('textbox', { name: 'Message' }).pressSequentially('wait')
    await bob.getByText('Ann is writing…').waitFor()
    expect(await box.boundingBox()).toEqual(before)
    await ask(ann, 'wait for me')
    await until(bob, 'wait for me')
    await bob.getByText('Ann is writing…').waitFor({ state: 'detached' })
    await close()
  }, 60_000)

  test('what was said is sent while nobody looks, and seen when somebody does', async () => {
    const { ann, bob, room, close } = await both()
    await bob.context().close()
    await ask(ann, 'is anybody there?')
    await log(ann).getByText('Sent').waitFor()
    const again = await enter('Bob', room, his)
    await log(ann).getByText('Seen by Bob').waitFor()
    await again.context().close()
    await close()
  }, 60_000)

  test('what was not read is counted in the list, and a line says where one left off', async () => {
    const { ann, bob, room, close } = await both()
    await ask(ann, 'the first')
    await log(ann).getByText('Seen by Bob').waitFor()
    await bob.getByRole('button', { name: 'New conversation' }).click()
    await ask(ann, 'the second')
    await ask(ann, 'the third')
    await until(ann, 'the third')
    await bob.evaluate(() => dispatchEvent(new Event('focus')))
    const link = bob.getByRole('link', { name: room })
    await link.getByText('2 unread').waitFor({ timeout: 45_000 })
    await link.click()
    await until(bob, 'New messages')
    const words = (await log(bob).textContent()) ?? ''
    expect(words.indexOf('the first')).toBeLessThan(words.indexOf('New messages'))
    expect(words.indexOf('New messages')).toBeLessThan(words.indexOf('the second'))
    await log(ann).getByText('Sent').waitFor({ state: 'detached' })
    await bob.getByRole('button', { name: 'New conversation' }).click()
    await expect.poll(() => link.getByText('unread').count(), { timeout: 45_000 }).toBe(0)
    await close()
  }, 120_000)

  test('a task that one makes and gives away is the other’s, with how far it has come', async () => {
    const { ann, bob, close } = await both()
    await ann.getByRole('button', { name: 'Tasks' }).click()
    await ann.getByRole('textbox', { name: 'New task' }).fill('Write the changelog')
    await ann.getByRole('button', { name: 'Add task' }).click()
    // It opens beside Bob's conversation by itself.
    const tasks = bob.getByRole('complementary', { name: 'Tasks' })
    await tasks.getByText('Write the changelog').waitFor()
    await tasks.getByRole('button', { name: 'Mine' }).click()
    await tasks.getByText('Nothing is assigned to you.').waitFor()
    await ann.getByRole('complementary', { name: 'Tasks' }).getByText('Write the changelog').click()
    await ann.getByRole('combobox', { name: 'Assigned to' }).selectOption({ label: 'Bob' })
    await tasks.getByText('Write the changelog').click()
    await tasks.getByRole('slider', { name: 'Progress' }).press('ArrowRight')
    await ann.getByRole('combobox', { name: 'Status' }).selectOption({ label: 'In progress' })
    for (const page of [ann, bob]) {
      await page.getByRole('region', { name: 'In progress' }).getByText('Write the changelog').waitFor()
      const bar = page.getByRole('progressbar', { name: 'Write the changelog' })
      await expect.poll(() => bar.getAttribute('aria-valuenow'), { timeout: 10_000 }).toBe('5')
    }
    await close()
  }, 60_000)

  test('a message is said differently, reacted to, answered, and removed', async () => {
    const { ann, bob, close } = await both()
    await ask(ann, 'Shall we mete at noon?')
    await until(bob, 'Shall we mete at noon?')
    await (await actions(ann, 'Shall we mete')).getByRole('button', { name: 'Edit' }).click()
    await ask(ann, 'Shall we meet at noon?')
    await until(bob, 'Shall we meet at noon?')
    await until(bob, 'edited')
    expect(await log(bob).getByText('Shall we mete').count()).toBe(0)

    await (await actions(bob, 'Shall we meet')).getByRole('button', { name: 'React with 🎉' }).click()
    const reaction = (page: Page, name: string) => log(page).getByRole('button', { name, exact: true })
    await reaction(ann, '🎉 1: Bob').click()
    await reaction(bob, '🎉 2: you and Ann').or(reaction(bob, '🎉 2: Ann and you')).click()
    await reaction(ann, '🎉 1: you').waitFor()

    await (await actions(bob, 'Shall we meet')).getByRole('button', { name: 'Reply', exact: true }).click()
    await ask(bob, 'gladly')
    const quote = log(ann).getByRole('button', { name: /^In reply to Ann/u })
    await quote.click()
    await expect
      .poll(() =>
        lineOf(ann, 'meet at noon')
          .first()
          .evaluate((one) => one === document.activeElement),
      )
      .toBe(true)

    await (await actions(bob, 'gladly')).getByRole('button', { name: 'Remove' }).click()
    await lineOf(bob, 'gladly').getByRole('button', { name: 'Remove' }).click()
    await until(ann, 'Message removed')
    expect(await log(ann).getByText('gladly').count()).toBe(0)
    await ann.reload()
    await until(ann, 'Message removed')
    expect(await log(ann).getByText('gladly').count()).toBe(0)
    await close()
  }, 90_000)

  test('whoever is meant is completed by name, and marked for them', async () => {
    const { ann, bob, close } = await both()
    await members(ann).getByText('3').waitFor()
    const box = ann.getByRole('textbox', { name: 'Message' })
    await box.pressSequentially('hello @bo')
    await ann.getByRole('option', { name: 'Bob' }).waitFor()
    await box.press('Enter')
    await box.pressSequentially('how are you?')
    await box.press('Enter')
    await until(bob, 'how are you?')
    expect(await log(bob).getByText('@Bob', { exact: true }).getAttribute('data-me')).toBe('true')
    await close()
  }, 60_000)

  test('what was said long ago in another room is found and shown', async () => {
    const { ann, bob, room, close } = await both()
    await ask(ann, 'the password of the printer is tulip')
    await until(bob, 'tulip')
    for (let count = 1; count <= 140; count += 1) await ask(ann, `small talk ${count}`)
    await until(bob, 'small talk 140')
    await bob.getByRole('button', { name: 'New conversation' }).click()
    await bob.reload()
    await bob.getByRole('status', { name: 'Connection' }).getByText('Connected').waitFor()
    await bob.keyboard.press('Control+k')
    await bob.getByRole('combobox', { name: 'Search all conversations' }).fill('tulip')
    await bob.getByRole('option').filter({ hasText: room }).waitFor()
    await bob.keyboard.press('Enter')
    await lineOf(bob, 'tulip').waitFor()
    await expect.poll(() => lineOf(bob, 'tulip').evaluate((one) => one === document.activeElement)).toBe(true)
    await close()
  }, 120_000)
})
