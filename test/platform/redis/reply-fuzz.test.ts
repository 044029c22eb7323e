/**
 * Impossible replies: every command and script of the product gets every wrong shape, in every operation that sends it.
 * The process stays alive, every answer is one of the room's answers to a failing Redis, no value is foreign or stale,
 * and with right replies all operations work again.
 */
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hasShape } from '../../../src/platform/redis/replies.ts';
import { declaredScripts } from '../../../src/platform/redis/script.ts';
import { type RawReply, WRONG_SHAPES } from '../../support/wrong-replies.ts';
import { operationsOf } from './reply-operations.ts';
import { openReplyWorld, type ReplyWorld } from './reply-world.ts';

let world: ReplyWorld;
let operations: ReturnType<typeof operationsOf>;
beforeAll(async () => {
  world = await openReplyWorld();
  operations = operationsOf(world);
});
afterAll(() => world.close());

const unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);
beforeEach(() => {
  process.on('unhandledRejection', note);
});
afterEach(() => {
  process.off('unhandledRejection', note);
  world.way.alter = undefined;
  world.way.reorder = undefined;
});

/** Node reports an unhandled rejection at the end of the turn of the event loop. */
const endOfTurn = () => new Promise((resolve) => setImmediate(resolve));

/** The allowed error codes while Redis fails. */
const TOLD =
  /^(REDIS_REPLY|REDIS_COMMAND|SESSION_(?:UNAVAILABLE|REFUSED)|LOCK_(?:UNAVAILABLE|REFUSED)|LOCK_LOST|LOCK_BUSY|COMMIT_(?:REFUSED|UNSETTLED)|OUTBOUND_OPEN|JOB_\w+|REFUSED)$/;

/** Scripts that no operation sends: the trim would drop the entries of the suites that share this Redis. */
const NOT_SENT = ['cache.ages'];

/** Runs an operation with wrong replies. Returns a description of a forbidden outcome, or null. */
async function endingOf(name: string): Promise<string | null> {
  const operation = operations.get(name) ?? expect.fail(name);
  unhandled.length = 0;
  let problem: string | null = null;
  try {
    await operation();
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (typeof code !== 'string' || !TOLD.test(code)) problem = `${(error as Error).stack?.slice(0, 700)}`;
  }
  await endOfTurn();
  if (unhandled.length > 0) problem = `unhandled: ${(unhandled[0] as Error)?.stack}`;
  return problem;
}

/** Checks that an operation works with right replies, even after wrong ones. */
async function works(name: string): Promise<void> {
  const operation = operations.get(name) ?? expect.fail(name);
  world.statuses.clear();
  await operation();
  await endOfTurn();
  expect({ name, unhandled, failed: [...world.statuses].filter((status) => status > 299) }).toEqual({
    name,
    unhandled: [],
    failed: [],
  });
}

describe('wrong replies', () => {
  const sentBy = new Map<string, Set<string>>();
  /** Commands sent by operations at their first run. */
  const sentAtFirst = new Set<string>();

  /** The operation with the fewest other commands tries all shapes of a command; the others try one shape each. */
  function shapesFor(name: string, command: string): string[] {
    const senders = [...sentBy].filter(([, names]) => names.has(command)).map(([sender]) => sender);
    const sizeOf = (sender: string) => sentBy.get(sender)?.size ?? 0;
    const narrowest = senders.toSorted((one, two) => sizeOf(one) - sizeOf(two))[0];
    const all = Object.keys(WRONG_SHAPES);
    if (narrowest === name) return all;
    turn += 1;
    return [all[turn % all.length] ?? ''];
  }
  let turn = 0;

  beforeAll(async () => {
    for (const [name, operation] of operations) {
      const first = new Set<string>();
      world.way.names = first;
      unhandled.length = 0;
      await operation();
      // A first run may send other commands than later ones: first checks of an isolate, entries of earlier operations.
      world.way.names = new Set();
      await works(name);
      sentBy.set(name, world.way.names);
      for (const each of first) sentAtFirst.add(each);
    }
    world.way.names = new Set();
  });

  test('with right replies the operations send every script, and only commands with checked replies', () => {
    const sent = new Set([...sentAtFirst, ...[...sentBy.values()].flatMap((names) => [...names])]);
    expect([...declaredScripts().keys()].filter((name) => !sent.has(name))).toEqual(NOT_SENT);
    const commands = [...sent].filter((name) => name === name.toUpperCase());
    expect(commands.filter((name) => !hasShape(name))).toEqual([]);
  });

  test('each command and script with each wrong shape', async () => {
    const problems: string[] = [];
    const reported = new Set<string>();
    const statuses = new Set<number>();
    for (const [name, names] of sentBy) {
      for (const command of names) {
        for (const shape of shapesFor(name, command)) {
          const made = WRONG_SHAPES[shape] ?? expect.fail(shape);
          world.statuses.clear();
          world.way.alter = (sent, reply) => (sent === command && 'result' in reply ? made(reply.result) : undefined);
          const lines = world.app.lines.length;
          const problem = await endingOf(name);
          if (problem !== null) problems.push(`${name} · ${command} · ${shape}: ${problem}`);
          // Only a reply without a session makes the caller signed out.
          if (world.statuses.has(401)) expect([command, shape]).toEqual([expect.anything(), 'nulls for texts']);
          for (const status of world.statuses) statuses.add(status);
          for (const line of world.app.lines.slice(lines)) {
            const { event, command: named } = JSON.parse(line) as { event?: string; msg?: string; command?: string };
            if (event === 'redis.unexpected_reply') reported.add(String(named));
          }
        }
      }
      world.way.alter = undefined;
      await works(name);
    }
    expect(problems).toEqual([]);
    const sent = new Set([...sentBy.values()].flatMap((names) => [...names]));
    sent.delete('limit.take');
    for (const kind of ['sliding', 'fixed', 'bucket']) sent.add(`limit.${kind}`);
    expect([...sent].filter((command) => !reported.has(command))).toEqual([]);
    expect([...statuses].filter((status) => status >= 500)).toEqual([503]);
  });

  test('replies in another order, and some of them wrong', async () => {
    const names = [...operations.keys()];
    const shapes = Object.keys(WRONG_SHAPES);
    const drawn = fc.record({
      name: fc.constantFrom(...names),
      places: fc.array(fc.nat(100), { minLength: 12, maxLength: 12 }),
      wrong: fc.array(fc.option(fc.constantFrom(...shapes), { freq: 4 }), { minLength: 8, maxLength: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(drawn, async ({ name, places, wrong }) => {
        let count = 0;
        world.way.alter = (_sent, reply) => {
          const shape = wrong[count % wrong.length];
          count += 1;
          return shape && 'result' in reply ? WRONG_SHAPES[shape]?.(reply.result) : undefined;
        };
        world.way.reorder = (replies: RawReply[]) =>
          replies
            .map((reply, index) => ({ reply, place: places[index % places.length] ?? 0 }))
            .sort((one, two) => one.place - two.place)
            .map(({ reply }) => reply);
        expect(await endingOf(name)).toBeNull();
        world.way.alter = undefined;
        world.way.reorder = undefined;
      }),
      { numRuns: 150, seed: 9, endOnFailure: true },
    );
    for (const name of names) await works(name);
  });
});
