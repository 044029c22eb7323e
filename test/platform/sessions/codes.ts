/** A browser's access to one-time codes: a scope of its own, over a Redis that other browsers may share. */
import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll } from 'vitest';
import {
  type CodeHmac,
  type CodeOptions,
  createOneTimeCodes,
  type IssuedCode,
} from '../../../src/platform/codes/index.ts';
import { realSystem } from '../../../src/platform/system.ts';
import { createIsolate, newTenant } from '../../support/isolate.ts';
import { startRest } from '../../support/rest.ts';

const KEYS: Record<string, string> = { k1: 'first key', k2: 'second key' };

/** Two keys; by default the first is current. */
export function hmacWith(current = 'k1', keys = KEYS): CodeHmac {
  return {
    compute(text, keyId = current) {
      const secret = keys[keyId];
      return secret ? { keyId, mac: createHmac('sha256', secret).update(text).digest('base64url') } : null;
    },
  };
}

export interface BrowserOptions extends CodeOptions {
  rest: { url: string; token: string };
  fetch?: typeof fetch;
  hmac?: CodeHmac;
  digits?: (length: number) => string;
  /** The delay of Redis's clock, in ms. */
  ahead?: () => number;
}

/** One browser with an isolate of its own. */
export function browser(browserOptions: BrowserOptions) {
  const { rest, fetch, hmac = hmacWith(), digits = realSystem.digits, ahead = () => 0, ...options } = browserOptions;
  const { redis, meter } = createIsolate({ rest, ...(fetch ? { fetch } : {}) }).scope('unused');
  return {
    redis,
    meter,
    codes: createOneTimeCodes({ redis, system: { ...realSystem, digits, redisAhead: ahead }, hmac }, options),
  };
}

/** A new e-mail address. */
export function newIdentifier(): string {
  return `${newTenant().toLowerCase()}@example.com`;
}

/** A caller with a new client address. */
export function newAsker(): string {
  return `asker of ${newTenant()}`;
}

/** Returns the issued short code; otherwise the test fails. */
export function issued(answer: IssuedCode): Extract<IssuedCode, { kind: 'code' }> {
  if (answer.kind !== 'code') throw new Error(`Expected a code, got ${answer.kind}`);
  return answer;
}

/** Returns the issued link; otherwise the test fails. */
export function linked(answer: IssuedCode): Extract<IssuedCode, { kind: 'link' }> {
  if (answer.kind !== 'link') throw new Error(`Expected a link, got ${answer.kind}`);
  return answer;
}

/** A code that differs from this one. */
export function otherThan(code: string): string {
  return code === '00000000' ? '11111111' : '00000000';
}

/** The address of a test, and the caller that asks for its code. */
interface Asking {
  purpose: string;
  identifier: string;
  asker: string;
}

/** A Redis for the tests of one file, and browsers on it. `asking` is the address of the current test. */
export function useCodes(asking: () => Asking) {
  let started: Awaited<ReturnType<typeof startRest>> | undefined;
  const redis = {
    get rest() {
      if (!started) throw new Error('There is a Redis only while tests run');
      return started.rest;
    },
  };
  beforeAll(async () => {
    started = await startRest();
  });
  afterEach(() => {
    redis.rest.intercept = undefined;
  });
  afterAll(() => started?.close());

  const open = (options: Partial<BrowserOptions> = {}) => browser({ rest: redis.rest, ...options });
  return {
    redis,
    open,
    /** The keys of a family that a call uses. */
    async touched(family: 'oc' | 'od', call: () => Promise<unknown>): Promise<string[]> {
      const keys = new Set<string>();
      redis.rest.intercept = ({ commands }) => {
        for (const key of commands.flat()) if (String(key).startsWith(`hf:-:${family}:`)) keys.add(String(key));
        return 'pass';
      };
      await call();
      redis.rest.intercept = undefined;
      return [...keys];
    },
    /** Asks for a code; a link fails the test. */
    async ask({ codes }: ReturnType<typeof browser>, replaces?: string, context: string | null = 'acme') {
      return issued(await codes.issue({ ...asking(), context, replaces }));
    },
  };
}
