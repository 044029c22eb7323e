/**
 * A thousand callers ask for codes of one address over three days, in random order, each with its own browser, IP
 * address and tenant. The model below has only requests, answers and mails: it counts over every window of 24 hours.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRest } from '../../support/rest.ts';
import { browser, newAsker, newIdentifier, otherThan } from './codes.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest();
});
afterAll(() => redis.close());

const purpose = 'sign-in';
const DAY_MS = 86_400_000;
const HALF_AN_HOUR_MS = 1_800_000;
const ASKERS = 1_000;

/** A mail as the reader gets it. */
type Mail = { at: number; challenge: string } & ({ code: string } | { link: string });

const momentsOf = (mails: readonly Mail[]) => mails.map(({ at }) => at);

/** The allowed difference between the time of a command in Redis and the time read in this process, in ms. */
const CLOCK_SLACK_MS = 10_000;

/** The largest number of times in a list within 24 hours. */
function mostInADay(moments: readonly number[]): number {
  return Math.max(
    0,
    ...moments.map((from) => moments.filter((at) => at >= from && at - from < DAY_MS - CLOCK_SLACK_MS).length),
  );
}

test('1,000 callers: at most 20 wrong guesses, 20 codes and 48 links a day; the reader always gets in', async () => {
  const identifier = newIdentifier();
  const clock = { ahead: 0 };
  // Real time counts too: on a slow machine this test runs for a minute.
  const now = () => Date.now() + clock.ahead;
  const { codes } = browser({ rest: redis.rest, ahead: () => clock.ahead });
  const mailbox: Mail[] = [];
  const used = new Set<Mail>();
  const wrongAt: number[] = [];
  const seen = { code: 0, link: 0, recent: 0, wrong: 0, spent: 0, dead: 0, readerByCode: 0, readerByLink: 0 };

  /** A request of a browser, and the job that mails. */
  async function ask(context: string | null, asker = newAsker()): Promise<string> {
    const answer = await codes.issue({ purpose, identifier, context, asker });
    seen[answer.kind] += 1;
    const { challenge } = answer;
    if (answer.kind === 'code') mailbox.push({ at: now(), challenge, code: answer.code });
    else {
      const opened = await codes.openLink({ purpose, identifier, link: answer.link });
      if (opened.kind === 'open') mailbox.push({ at: now(), challenge, link: answer.link });
      else seen.recent += 1;
    }
    return challenge;
  }

  /** The reader asks, finds the newest mail that is valid in this browser, and uses it. */
  async function readerGetsIn(): Promise<void> {
    const challenge = await ask('acme');
    const mail = mailbox.findLast((each) => ('link' in each && !used.has(each)) || each.challenge === challenge);
    const secret = mail && ('link' in mail ? mail.link : mail.code);
    const answer = await codes.verify({ purpose, challenge, code: secret ?? 'no mail helps' });
    expect(answer).toEqual({ kind: 'ok', identifier, context: 'acme' });
    if (mail && 'link' in mail) {
      // The link was valid for at least another half hour.
      expect(now() - mail.at).toBeLessThan(HALF_AN_HOUR_MS + CLOCK_SLACK_MS);
      used.add(mail);
      seen.readerByLink += 1;
    } else seen.readerByCode += 1;
  }

  const [pauses = []] = fc.sample(
    fc.array(fc.integer({ min: 0, max: (6 * DAY_MS) / ASKERS }), { minLength: ASKERS, maxLength: ASKERS }),
    { numRuns: 1 },
  );
  for (const [index, pause] of pauses.entries()) {
    clock.ahead += pause;
    const challenge = await ask(index % 3 === 0 ? null : `tenant-${index % 7}`);
    const own = mailbox.find((each) => each.challenge === challenge);
    const code = own && 'code' in own ? own.code : '';
    // One, two, three, one, …: the guesses of the first day end between two guesses of one browser.
    for (let guess = 0; guess <= index % 3; guess += 1) {
      const answer = await codes.verify({ purpose, challenge, code: otherThan(code) });
      if (answer.kind === 'ok') expect.fail('a wrong guess was right');
      if (answer.kind === 'wrong') wrongAt.push(now());
      seen[answer.kind] += 1;
    }
    if (index % 50 === 49) await readerGetsIn();
  }
  expect(mostInADay(wrongAt)).toBe(20);
  expect(mostInADay(momentsOf(mailbox.filter((mail) => 'code' in mail)))).toBeLessThanOrEqual(20);
  // A used link makes room for the next one immediately.
  const unused = mailbox.filter((mail) => 'link' in mail && !used.has(mail));
  expect(mostInADay(momentsOf(unused))).toBeLessThanOrEqual(DAY_MS / HALF_AN_HOUR_MS);
  for (const [kind, count] of Object.entries(seen)) if (kind !== 'readerByCode') expect(count, kind).toBeGreaterThan(0);
  // A guess is right with a probability of 1 in 100 million: 20 a day are 2 in 10 million.
  expect(mostInADay(wrongAt) / 10 ** 8).toBeLessThanOrEqual(2e-7);
});

test('1,000 simultaneous callers: 20 codes and one link are mailed, and 20 guesses are checked', async () => {
  const identifier = newIdentifier();
  const { codes } = browser({ rest: redis.rest });
  const answers = await Promise.all(
    Array.from({ length: ASKERS }, async (_, index) => {
      const answer = await codes.issue({ purpose, identifier, context: `tenant-${index}`, asker: newAsker() });
      if (answer.kind === 'link') return (await codes.openLink({ purpose, identifier, link: answer.link })).kind;
      const wrong = { purpose, challenge: answer.challenge, code: otherThan(answer.code) };
      const guesses = await Promise.all(Array.from({ length: 6 }, () => codes.verify(wrong)));
      return guesses.filter(({ kind }) => kind === 'wrong').length;
    }),
  );
  const guesses = answers.filter((answer) => typeof answer === 'number');
  expect(guesses.length).toBeLessThanOrEqual(20);
  expect(guesses.reduce((sum, count) => sum + count, 0)).toBe(20);
  expect(answers.filter((answer) => answer === 'open')).toHaveLength(1);
});
