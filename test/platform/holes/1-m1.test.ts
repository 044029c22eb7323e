/** The limits of codes belong to the address: naming a tenant does not give a second budget. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addPerson } from '../../support/people.ts';
import { createTenant } from '../../support/tenant.ts';
import { createWorld, problemOf, type World } from '../auth/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

test('1/M1 an address has 20 wrong guesses and 20 codes a day, over all named tenants', async () => {
  const other = await createTenant(world.database);
  const person = await world.person();
  await addPerson(world.database, other.id, { email: person.email });
  const named = [undefined, world.tenant.id, other.id, 'no-such-tenant'];
  const answers: string[] = [];
  for (let asker = 0; asker < 24; asker += 1) {
    const browser = world.browser();
    const json = { email: person.email, tenant: named[asker % named.length] };
    expect((await browser.request('/auth/code', { json })).status).toBe(202);
    // One guess for each code, so that both budgets end together.
    const guess = await browser.request('/auth/verify', { json: { code: '00000000' } });
    answers.push((await problemOf(guess)).code);
  }
  expect(answers).toEqual([...Array(20).fill('WRONG_CODE'), ...Array(4).fill('CODE_OVER')]);
  const mails = await world.mails(person.email);
  // Five named a tenant that does not exist.
  expect(mails.filter(({ text }) => /\b\d{8}\b/.test(text))).toHaveLength(15);
  expect(mails.filter(({ text }) => text.includes('/sign-in?code='))).toHaveLength(1);
});
