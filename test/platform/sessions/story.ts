/**
 * Simultaneous acts on the sessions of one user, and the properties that hold in every order. Each act is a program on
 * an isolate of its own, and the story records the times of commands in Redis.
 */
import { expect } from 'vitest';
import type { Opened } from '../../../src/platform/sessions/index.ts';
import { type Stop, stoppingFetch } from '../../support/interleave.ts';
import { createIsolate, fieldsOf, type Isolate, newTenant, signInOf } from './world.ts';

export const acts = [
  'validate',
  'update',
  'rotate',
  'revoke',
  'revokeOthers',
  'revokeAll',
  'revokeTenant',
  'create',
] as const;
export type Act = (typeof acts)[number];

export interface StoryOptions {
  rest: { url: string; token: string };
  /** Changes the body before it is sent, to show the effect of a mistake. */
  rewrite?: (commands: unknown[][]) => unknown[][];
}

interface Made extends Opened {
  /** The time at which its epochs were read; for the first session, before all acts. */
  epochsReadAt: number;
}

/** Plays these acts at the same time on an existing session; fails if an ended session becomes valid again. */
export async function play(chosen: readonly Act[], stop: Stop, { rest, rewrite }: StoryOptions): Promise<void> {
  const tenant = newTenant();
  const start = 1_800_000_000_000;
  const calm = createIsolate({ rest, tenant, system: { now: () => start } });
  const first: Made = { ...(await calm.signIn({ data: 0 })), epochsReadAt: -1 };
  /** The tokens of the first session after rotations, and later sessions. */
  const lineage: Opened[] = [first];
  const made: Made[] = [];
  /** The times of revocations of one session, and of all sessions. */
  const revoked: number[] = [];
  const revokedAll: number[] = [];
  let moment = 0;

  /** Checks that no known token is valid after an acknowledged revocation. */
  async function nobodyComesBack(isolate: Isolate, ended: readonly Opened[]): Promise<void> {
    for (const { token } of [...ended]) expect(await isolate.who(token), 'after the acknowledgement').toBeNull();
  }

  async function act(name: Act, label: string): Promise<void> {
    const ran: number[] = [];
    const onRun = () => ran.push(moment++);
    const fetch = stoppingFetch(stop, label, { onRun, ...(rewrite ? { rewrite } : {}) });
    // After an hour less one minute, a touch is due.
    const isolate = createIsolate({ rest, tenant, fetch, system: { now: () => start + 3_540_000 } });
    switch (name) {
      case 'validate':
        await isolate.who(first.token);
        break;
      case 'update':
        await isolate.sessions.update(first.session, label);
        break;
      case 'rotate': {
        const outcome = await isolate.sessions.rotate(first.session, { role: 'admin' });
        if (outcome.kind === 'rotated') lineage.push(outcome);
        break;
      }
      case 'revoke': {
        await isolate.sessions.revoke(first.session);
        revoked.push(ran[0] ?? 0);
        await nobodyComesBack(isolate, lineage);
        break;
      }
      case 'revokeOthers': {
        const before = made.slice();
        const outcome = await isolate.sessions.revokeOthers(first.session);
        if (outcome.kind !== 'rotated') break;
        lineage.push(outcome);
        revokedAll.push(ran[0] ?? 0);
        await nobodyComesBack(isolate, [first, ...before]);
        break;
      }
      case 'revokeAll':
      case 'revokeTenant': {
        const before = made.slice();
        await (name === 'revokeAll' ? isolate.sessions.revokeAll('user_1') : isolate.sessions.revokeTenant());
        revoked.push(ran[0] ?? 0);
        revokedAll.push(ran[0] ?? 0);
        const ended = before.filter(({ epochsReadAt }) => epochsReadAt < (ran[0] ?? 0));
        await nobodyComesBack(isolate, [...lineage, ...ended]);
        break;
      }
      case 'create': {
        const epochs = await isolate.sessions.readEpochs('user_1');
        const outcome = await isolate.sessions.create(signInOf(), epochs);
        if (outcome.kind === 'created') made.push({ ...outcome, epochsReadAt: ran[0] ?? 0 });
      }
    }
    await isolate.settled();
  }

  await Promise.all(chosen.map((name, index) => act(name, `${index} ${name}`)));

  const alive = async (opened: Opened) => (await calm.who(opened.token)) !== null;
  const living = (await Promise.all(lineage.map(alive))).filter(Boolean);
  expect(living, 'tokens of the first session that are worth something').toHaveLength(revoked.length > 0 ? 0 : 1);
  for (const session of made) {
    const ended = revokedAll.some((at) => at > session.epochsReadAt);
    expect(await alive(session), 'a session made since').toBe(!ended);
  }
  const names = [...(await fieldsOf(calm, tenant, first.session.bucket)).keys()];
  const orphans = names.filter((name) => /[~=]$/.test(name) && !names.includes(name.slice(0, -1)));
  expect(orphans, 'fields without a record').toEqual([]);
}
