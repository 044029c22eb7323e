import { describe, expect, test } from 'vitest';
import { createBreaker } from '../../../src/platform/redis/index.ts';

function brokenAt(threshold: number) {
  const clock = { now: 0 };
  const breaker = createBreaker({ now: () => clock.now, threshold, openFor: 1000 });
  for (let failure = 0; failure < threshold; failure += 1) breaker.failed();
  return { clock, breaker };
}

describe('breaker', () => {
  test('opens exactly at the threshold of failures in a row', () => {
    const breaker = createBreaker({ now: () => 0, threshold: 3 });
    breaker.failed();
    breaker.failed();
    expect(breaker.allows()).toBe(true);
    breaker.failed();
    expect(breaker.allows()).toBe(false);
    expect(breaker.state).toBe('open');
  });

  test('a success in between resets the count', () => {
    const breaker = createBreaker({ now: () => 0, threshold: 2 });
    breaker.failed();
    breaker.succeeded();
    breaker.failed();
    expect(breaker.allows()).toBe(true);
  });

  test('after the open time exactly one request is sent as a probe', () => {
    const { clock, breaker } = brokenAt(3);
    clock.now = 999;
    expect(breaker.allows()).toBe(false);
    clock.now = 1000;
    expect([breaker.allows(), breaker.allows(), breaker.allows()]).toEqual([true, false, false]);
  });

  test('a successful probe closes the breaker; a failed probe opens it again for the whole time', () => {
    const { clock, breaker } = brokenAt(3);
    clock.now = 1000;
    breaker.allows();
    breaker.failed();
    clock.now = 1999;
    expect(breaker.allows()).toBe(false);
    clock.now = 2000;
    expect(breaker.allows()).toBe(true);
    breaker.succeeded();
    expect([breaker.allows(), breaker.allows()]).toEqual([true, true]);
  });

  test('a probe without an answer does not block the breaker for ever', () => {
    const { clock, breaker } = brokenAt(3);
    clock.now = 1000;
    expect(breaker.allows()).toBe(true);
    clock.now = 2000;
    expect(breaker.allows()).toBe(true);
  });
});
