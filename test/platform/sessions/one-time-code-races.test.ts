/**
 * One-time codes in random orders of requests, with lost answers and with requests that arrive twice, even long after
 * the first: at most one success for each code, and never more comparisons than the budgets allow.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRest } from '../../support/rest.ts';
import { browser, issued, newAsker, newIdentifier, otherThan } from './codes.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest();
});
afterAll(() => redis.close());

const purpose = 'sign-in';
const GUESSES = 3;
const GUESSES_A_DAY = 4;
const CODES_A_DAY = 4;
const TABS = 3;

type Fault = 'none' | 'lost' | 'twice' | 'late twin';
const fault = fc.constantFrom<Fault>('none', 'none', 'lost', 'twice', 'late twin');
type Move = { kind: 'guess'; right: boolean; fault: Fault } | { kind: 'resend'; fault: Fault };
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('guess' as const), right: fc.boolean(), fault }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('resend' as const), fault }) },
);

const guess = (right: boolean): Move => ({ kind: 'guess', right, fault: 'none' });
const resend: Move = { kind: 'resend', fault: 'none' };
/** Moves without faults, in the order of their requests. */
const inTurn = (moves: Move[]): [fc.Scheduler, Move[], Fault] => [
  fc.schedulerFor(Array.from({ length: 100 }, (_, index) => index + 1)),
  moves,
  'none',
];
const wrong = guess(false);
/** Uses up the guesses at one code, the guesses of a day, and the codes of a day. */
const TOO_MANY = [wrong, wrong, wrong, resend, wrong, wrong, wrong, wrong, wrong, resend, resend, resend];
const RIGHT = [guess(true), guess(true), guess(true), guess(true)];

/** A command that Redis ran, even if its answer was lost. */
interface Ran {
  challenge: string;
  answer: string;
}

/** The shared state of all browsers in a story. */
interface Story {
  scheduler: fc.Scheduler;
  ran: Ran[];
  twins: Promise<unknown>[];
  /** Resolves when there is a code to guess; late copies of earlier requests arrive after that. */
  begun: Promise<void>;
  /** The requests without an answer so far. */
  inFlight: number;
}

/** A transport on which the scheduler decides when a request arrives and when its answer does. */
function scheduledFetch(story: Story, what: Fault): typeof fetch {
  const { scheduler, ran, twins } = story;
  return async (input, init) => {
    async function arrive(label: string): Promise<Response> {
      await scheduler.schedule(Promise.resolve(), `${label} arrives`);
      story.inFlight += 1;
      const response = await fetch(input, init).finally(() => {
        story.inFlight -= 1;
      });
      const [command = []] = JSON.parse(String(init?.body)) as string[][];
      const [reply] = (await response.clone().json()) as { result?: [string] }[];
      ran.push({ challenge: command[3] ?? '', answer: reply?.result?.[0] ?? 'error' });
      await scheduler.schedule(Promise.resolve(), `${label} is answered`);
      return response;
    }
    const first = arrive('request');
    if (what === 'twice' || what === 'late twin') {
      twins.push(what === 'twice' ? arrive('twin') : Promise.all([first, story.begun]).then(() => arrive('late twin')));
    }
    const response = await first;
    if (what === 'lost') throw new TypeError('terminated');
    return response;
  };
}

/** Lets the scheduler choose one of the possible steps at a time, each time when all other work is at rest. */
async function play<Result>(story: Story, work: Promise<Result>): Promise<Result> {
  let over = false;
  const end = () => {
    over = true;
  };
  work.then(end, end);
  while (!over) {
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    if (story.inFlight === 0 && story.scheduler.count() > 0) await story.scheduler.waitNext(1);
  }
  return work;
}

test('at most one success for a code, and no more comparisons than the budgets', async () => {
  const seen = { ok: 0, dead: 0, wrong: 0, spent: 0, link: 0 };
  const moves = fc.array(move, { minLength: 4, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), moves, fault, async (scheduler, moves, first) => {
      const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
      const story: Story = { scheduler, ran: [], twins: [], inFlight: 0, begun };
      const answers = await play(story, runTabs(story, begin, moves, first));
      await play(story, Promise.allSettled(story.twins));

      const compares = story.ran.filter(({ answer }) => answer === 'ok' || answer === 'wrong');
      for (const [key, mine] of Map.groupBy(compares, (each) => each.challenge)) {
        expect(mine.length, key).toBeLessThanOrEqual(GUESSES);
        // Success is the last event of a code.
        expect(mine.findIndex(({ answer }) => answer === 'ok')).toBeOneOf([-1, mine.length - 1]);
      }
      expect(compares.filter(({ answer }) => answer === 'wrong').length).toBeLessThanOrEqual(GUESSES_A_DAY);
      const successes = compares.filter(({ answer }) => answer === 'ok').length;
      expect(answers.filter((answer) => answer?.kind === 'ok').length).toBeLessThanOrEqual(successes);
      for (const { answer } of story.ran) if (answer in seen) seen[answer as keyof typeof seen] += 1;
    }),
    { numRuns: 250, examples: [inTurn(RIGHT), inTurn(TOO_MANY)] },
  );
  // Stories without events prove nothing.
  for (const [kind, count] of Object.entries(seen)) expect(count, kind).toBeGreaterThan(0);
});

/**
 * Tabs of one browser: each makes its moves in turn, with the last mailed code. `first` is the fault at the issue of
 * the first code; if its answer is lost, the code is unknown, and the story begins with another one.
 */
async function runTabs(story: Story, begin: () => void, moves: readonly Move[], first: Fault) {
  const identifier = newIdentifier();
  const asker = newAsker();
  const codes = new Map<string, string>();
  let challenge = '';
  let mailed = 12_345_678;

  const over = (what: Fault) =>
    browser({
      rest: redis.rest,
      fetch: scheduledFetch(story, what),
      digits: () => String(mailed),
      guesses: GUESSES,
      guessesPerDay: GUESSES_A_DAY,
      codesPerDay: CODES_A_DAY,
    }).codes;

  async function make(each: Move) {
    const mine = challenge;
    const code = codes.get(mine) ?? '';
    if (each.kind === 'guess') {
      return over(each.fault).verify({ purpose, challenge: mine, code: each.right ? code : otherThan(code) });
    }
    mailed += 1;
    const answer = await over(each.fault).issue({ purpose, identifier, asker, replaces: mine });
    if (answer.kind === 'code') {
      challenge = answer.challenge;
      codes.set(challenge, answer.code);
    }
    return answer;
  }

  await make({ kind: 'resend', fault: first }).catch(() => make({ kind: 'resend', fault: 'none' }));
  begin();
  const tabs = Array.from({ length: TABS }, async (_, tab) => {
    const answers = [];
    for (const each of moves.filter((_move, index) => index % TABS === tab)) {
      answers.push(await make(each).catch(() => null));
    }
    return answers;
  });
  return (await Promise.all(tabs)).flat();
}

test('50 right guesses at once: one success', async () => {
  const identifier = newIdentifier();
  const { challenge, code } = issued(
    await browser({ rest: redis.rest }).codes.issue({ purpose, identifier, asker: newAsker() }),
  );
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => browser({ rest: redis.rest }).codes.verify({ purpose, challenge, code })),
  );
  expect(answers.filter(({ kind }) => kind === 'ok')).toHaveLength(1);
  expect(answers.filter(({ kind }) => kind === 'dead')).toHaveLength(49);
});

test('50 wrong guesses at once: five are checked', async () => {
  const identifier = newIdentifier();
  const { challenge, code } = issued(
    await browser({ rest: redis.rest }).codes.issue({ purpose, identifier, asker: newAsker() }),
  );
  const guess = { purpose, challenge, code: otherThan(code) };
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => browser({ rest: redis.rest }).codes.verify(guess)),
  );
  expect(answers.filter(({ kind }) => kind === 'wrong')).toHaveLength(5);
});

test('a repeated request for a code, after the code was used, does not make the code valid again', async () => {
  const identifier = newIdentifier();
  let again = async () => {};
  const one = browser({
    rest: redis.rest,
    fetch: (input, init) => {
      again = async () => void (await fetch(input, init));
      return fetch(input, init);
    },
  });
  const code = issued(await one.codes.issue({ purpose, identifier, asker: newAsker() }));
  const repeatIssue = again;
  expect(await one.codes.verify({ purpose, ...code })).toMatchObject({ kind: 'ok' });
  await repeatIssue();
  expect(await one.codes.verify({ purpose, ...code })).toEqual({ kind: 'dead' });
});
