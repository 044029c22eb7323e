/**
 * Random stories of an attacker and a reader about one address (see `account-story.ts`). In no story does the attacker
 * get into an account of the reader; the reader gets into exactly the accounts that the rules allow.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { sql } from '../../support/tenant.ts';
import { beginStory, type Story } from './account-story.ts';
import { createWorld, type World } from './world.ts';

vi.setConfig({ testTimeout: 600_000 });

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

type Act = { [Name in keyof Story['acts']]: [Name, ...Parameters<Story['acts'][Name]>] }[keyof Story['acts']];

const where = fc.constantFrom('acme', 'evil');
const whereOrNone = fc.constantFrom(undefined, 'acme', 'evil');
const device = fc.constantFrom('browser', 'program');
const actor = fc.constantFrom('attacker', 'browser', 'program');

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.constant('signUp'), fc.constantFrom('attacker', 'browser')) },
  { weight: 1, arbitrary: fc.constant<Act>(['ownEvil']) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('invite'), where) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('inviteAgain'), where) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('disable'), where, fc.boolean()) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('ask'), actor, whereOrNone) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('enter'), device) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('prove'), device, whereOrNone) },
  { weight: 1, arbitrary: fc.constant<Act>(['guess']) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('accept'), device, where) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('signIn'), actor, whereOrNone) },
  { weight: 2, arbitrary: fc.constant<Act>(['setPassword']) },
  { weight: 1, arbitrary: fc.constant<Act>(['refresh']) },
);

async function perform(story: Story, [name, ...args]: Act): Promise<void> {
  story.next();
  await (story.acts[name] as (...args: unknown[]) => Promise<void>)(...args);
}

/** Plays a story. `after` is called after each act. */
async function play(acts: readonly Act[], after: (story: Story) => Promise<void> = async () => {}): Promise<void> {
  const story = await beginStory(world);
  for (const each of acts) {
    await perform(story, each);
    await after(story);
    await story.check();
  }
  // At the end the attacker tries the password in every tenant.
  for (const each of ['acme', 'evil', undefined] as const) await perform(story, ['signIn', 'attacker', each]);
  await story.check();
}

test('the attacker never gets in, and the reader gets in exactly where the rules allow', async () => {
  // Most stories begin like the attack: without an account of the address little can happen.
  const first: fc.Arbitrary<Act[]> = fc.constantFrom<Act[]>(
    [['signUp', 'attacker']],
    [
      ['signUp', 'attacker'],
      ['invite', 'acme'],
    ],
    [['ownEvil'], ['invite', 'evil']],
    [['signUp', 'browser']],
    [],
  );
  const rest = fc.array(act, { minLength: 3, maxLength: 9 });
  const stories = fc.asyncProperty(first, rest, (before, after) => play([...before, ...after]));
  await fc.assert(stories, { numRuns: 30 });
});

/** The known attack and its variants: stories that random drawing might miss. */
test.each<[string, Act[]]>([
  [
    'signed up, invited, and a code without a tenant',
    [['signUp', 'attacker'], ['invite', 'acme'], ['ask', 'browser', undefined], ['enter', 'browser'], ['setPassword']],
  ],
  [
    'the reader proves the address in the prepared tenant, with a program',
    [
      ['signUp', 'attacker'],
      ['ask', 'program', 'evil'],
      ['enter', 'program'],
      ['refresh'],
      ['signIn', 'attacker', 'evil'],
    ],
  ],
  [
    'the attacker has just been asked to prove the address',
    [
      ['signUp', 'attacker'],
      ['signIn', 'attacker', 'evil'],
      ['ask', 'browser', 'evil'],
      ['guess'],
      ['enter', 'browser'],
      ['setPassword'],
      ['signIn', 'program', 'evil'],
      ['refresh'],
    ],
  ],
  [
    'both tenants invite, and each invitation leads to its own',
    [
      ['ownEvil'],
      ['invite', 'evil'],
      ['invite', 'acme'],
      ['ask', 'browser', undefined],
      ['accept', 'browser', 'acme'],
      ['accept', 'program', 'evil'],
    ],
  ],
  [
    'disabled before the proof, enabled, invited again',
    [
      ['invite', 'acme'],
      ['disable', 'acme', true],
      ['accept', 'browser', 'acme'],
      ['disable', 'acme', false],
      ['accept', 'browser', 'acme'],
      ['inviteAgain', 'acme'],
      ['accept', 'browser', 'acme'],
    ],
  ],
  [
    'the browser that signed up keeps its password',
    [
      ['signUp', 'browser'],
      ['ask', 'browser', 'evil'],
      ['enter', 'browser'],
      ['signIn', 'program', undefined],
      ['refresh'],
    ],
  ],
  [
    'another device than the one that signed up proves first',
    [
      ['signUp', 'browser'],
      ['ask', 'program', 'evil'],
      ['enter', 'program'],
      ['signIn', 'browser', 'evil'],
    ],
  ],
])('%s', (_, acts) => play(acts));

test('the stories notice a password that outlives the first proof', async () => {
  const before = new Map<string, string>();
  /** Restores the password that the first proof removed. */
  const undo = async ({ email }: Story) => {
    const rows = await sql<{ tenant_id: string; password_hash: string | null }>(
      world.database,
      'SELECT tenant_id, password_hash FROM users WHERE email = $1',
      [email],
    );
    for (const { tenant_id: tenant, password_hash: hash } of rows) {
      const lost = before.get(tenant);
      if (hash !== null) before.set(tenant, hash);
      else if (lost !== undefined) {
        await sql(world.database, 'UPDATE users SET password_hash = $2 WHERE tenant_id = $1', [tenant, lost]);
      }
    }
  };
  const attack: Act[] = [
    ['signUp', 'attacker'],
    ['ask', 'browser', 'evil'],
    ['enter', 'browser'],
  ];
  await expect(play(attack, undo)).rejects.toThrow();
  await play(attack);
});
