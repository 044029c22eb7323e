/**
 * One-time codes that are mailed: 8 digits, good once, for ten minutes at most, and only in the browser that asked.
 * That browser holds a secret, the challenge, without which no guess can even be made, so a code that somebody was
 * talked out of is of no use elsewhere. Redis holds neither code nor challenge nor identifier, only keyed hashes.
 *
 * What bounds guessing is two budgets in one script: 5 guesses at a code, 20 wrong ones a day at an identifier whatever
 * number of codes it is sent (2 in 10 million a day). A new code never gives back what was used of the day's.
 */
import { Buffer } from 'node:buffer';
import { type Duration, milliseconds } from '../duration.ts';
import { key, NO_TENANT, type RedisClient, type RedisKey } from '../redis/index.ts';
import type { System } from '../system.ts';
import { issueScript, verifyScript } from './one-time-code-scripts.ts';

/** A keyed hash whose key is not in Redis. */
export interface CodeHmac {
  /** HMAC-SHA-256 of a text under the key of that id, or the current one; `null` for an id nobody knows. */
  compute(text: string, keyId?: string): { keyId: string; mac: string } | null;
}

/** What one-time codes need. */
export interface CodeServices {
  redis: RedisClient;
  system: Pick<System, 'token' | 'digits'>;
  hmac: CodeHmac;
}

/** Limits. */
export interface CodeOptions {
  /** How long a code is good. Default and at most 10 min (ASVS 6.5.5). */
  life?: Duration;
  /** Guesses at one code. Default 5. */
  guesses?: number;
  /** Wrong guesses a day at all codes of one identifier. Default 20. */
  guessesPerDay?: number;
  /** Codes a day for one identifier, so that nobody's mailbox is flooded. Default 20. */
  codesPerDay?: number;
}

/** What a code is asked for. */
export interface CodeRequest {
  /** What it will be good for, such as `sign-in`; it is good for nothing else. */
  purpose: string;
  /** Who must prove it: an e-mail address in one form (lower case), with the tenant if that is known. */
  identifier: string;
  /** Handed back with success, such as a user's id. Readable in Redis: no secrets. */
  payload?: string;
  /** The challenge the same browser holds, if it asks again: its code ends. */
  replaces?: string | undefined;
}

/** The answer to a {@link CodeRequest}. */
export type IssuedCode =
  /** `challenge` goes into a cookie of the browser, `code` into a mail and nowhere else. */
  | { kind: 'issued'; challenge: string; code: string; lifeMs: number }
  /** The identifier's day is used up. */
  | { kind: 'throttled'; retryAfterMs: number };

/** A guess. */
export interface CodeGuess {
  purpose: string;
  /** From the browser's cookie. */
  challenge: string;
  /** As it was typed: blanks and hyphens do not count. */
  code: string;
}

/** What a guess gave. */
export type VerifiedCode =
  | { kind: 'ok'; identifier: string; payload: string }
  /** At 0 left, another code must be asked for. */
  | { kind: 'wrong'; left: number }
  /** The identifier's day is used up; the guess was not looked at. */
  | { kind: 'throttled'; retryAfterMs: number }
  /** Used, replaced, expired, guessed at too often, or never issued. */
  | { kind: 'dead' };

/** Issues and verifies one-time codes. */
export interface OneTimeCodes {
  /**
   * Makes a code. Call it for identifiers that nobody has too, and then do not mail the code: the answer, the work in
   * Redis and the budget are the same, so neither the answer nor its time tells who has an account (ASVS 6.3.8).
   *
   * Codes of other browsers stay good: if there were only one per identifier, whoever asks for somebody else's code
   * would end that person's. 1 request, 1 command.
   * @throws {RedisError} no code may be mailed then.
   */
  issue(request: CodeRequest): Promise<IssuedCode>;
  /**
   * Makes one guess. It is taken from the budgets before it is compared, and success ends the code. If the answer is
   * lost, the guess may have been used and the code be over. 1 request, 1 command; none if it is no challenge of ours.
   * @throws {RedisError} nobody is let in then.
   */
  verify(guess: CodeGuess): Promise<VerifiedCode>;
}

const DIGITS = 8;
const LONGEST_LIFE_MS = 600_000;
const DAY_MS = 86_400_000;

/**
 * Creates one-time codes. Limits per IP address and per tenant are those of the route.
 * @throws {TypeError} if a code is to live longer than ten minutes.
 */
export function createOneTimeCodes({ redis, system, hmac }: CodeServices, options: CodeOptions = {}): OneTimeCodes {
  const { guesses = 5, guessesPerDay = 20, codesPerDay = 20 } = options;
  const lifeMs = milliseconds(options.life ?? LONGEST_LIFE_MS);
  if (lifeMs > LONGEST_LIFE_MS || lifeMs < 1) throw new TypeError('A one-time code lives for at most ten minutes');
  const budgets = [guessesPerDay, codesPerDay, DAY_MS];

  /** All that is derived from a challenge. A key made with another purpose or identifier is of no challenge. */
  function keysOf(purpose: string, { keyId, identifier, secret }: Challenge): Keys | null {
    const who = hmac.compute(lengthPrefixed(['code-budget', identifier]), keyId)?.mac;
    const which = hmac.compute(lengthPrefixed(['code-challenge', purpose, identifier, secret]), keyId)?.mac;
    if (who === undefined || which === undefined) return null;
    return { challenge: key(NO_TENANT, 'challenge', which), budget: key(NO_TENANT, 'codeBudget', who) };
  }

  function macOf(purpose: string, { keyId, identifier, secret }: Challenge, code: string): string {
    return hmac.compute(lengthPrefixed(['code', purpose, identifier, secret, code]), keyId)?.mac ?? '';
  }

  return {
    async issue({ purpose, identifier, payload = '', replaces }) {
      // The hash is thrown away: what is asked for is the id of the current key.
      const keyId = hmac.compute('')?.keyId ?? '';
      const challenge: Challenge = { keyId, identifier, secret: system.token() };
      const code = system.digits(DIGITS);
      const keys = keysOf(purpose, challenge);
      if (keys === null) throw new TypeError('There is no key to make one-time codes with');
      const earlier = parseChallenge(replaces ?? '');
      const ended = earlier && keysOf(purpose, earlier)?.challenge;
      const [answer, waitMs] = await issueScript.run(
        redis,
        [keys.challenge, keys.budget, ...(ended ? [ended] : [])],
        [macOf(purpose, challenge, code), payload, guesses, lifeMs, ...budgets],
      );
      if (answer === 'throttled') return { kind: 'throttled', retryAfterMs: waitMs };
      return { kind: 'issued', challenge: formatChallenge(challenge), code, lifeMs };
    },

    async verify({ purpose, challenge: text, code }) {
      const challenge = parseChallenge(text);
      const keys = challenge && keysOf(purpose, challenge);
      if (!challenge || !keys) return { kind: 'dead' };
      const mac = macOf(purpose, challenge, code.replace(/[\s-]/g, ''));
      const [answer, detail] = await verifyScript.run(redis, [keys.challenge, keys.budget], [mac, ...budgets]);
      if (answer === 'ok') return { kind: 'ok', identifier: challenge.identifier, payload: detail };
      if (answer === 'wrong') return { kind: 'wrong', left: detail };
      return answer === 'throttled' ? { kind: 'throttled', retryAfterMs: detail } : { kind: 'dead' };
    },
  };
}

interface Keys {
  challenge: RedisKey;
  budget: RedisKey;
}

/**
 * What the browser holds: `c1.<key id>.<identifier>.<secret>`. That the identifier travels with it keeps addresses out
 * of Redis; it cannot be exchanged, because the keys and the MAC are made of it.
 */
interface Challenge {
  /** Stays with the challenge, so that changing keys ends no code; it starts the budgets anew, once. */
  keyId: string;
  identifier: string;
  secret: string;
}

const FORM = /^c1\.([\w-]{1,32})\.([\w-]{1,1400})\.([\w-]{22,64})$/;

function formatChallenge({ keyId, identifier, secret }: Challenge): string {
  return `c1.${keyId}.${Buffer.from(identifier).toString('base64url')}.${secret}`;
}

function parseChallenge(text: string): Challenge | null {
  const [, keyId, identifier, secret] = FORM.exec(text) ?? [];
  if (keyId === undefined || identifier === undefined || secret === undefined) return null;
  return { keyId, identifier: Buffer.from(identifier, 'base64url').toString(), secret };
}

/** Each part behind its length, so that no two lists of parts give the same text. */
function lengthPrefixed(parts: readonly string[]): string {
  return parts.map((part) => `${part.length}:${part}`).join('');
}
