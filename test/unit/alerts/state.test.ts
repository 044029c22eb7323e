/** The steps of an alert, minute by minute, with readings and states in one line each. */
import { describe, expect, test } from 'vitest';
import { type Alert, alert, type Reading } from '../../../src/platform/alerts/alert.ts';
import { type AlertStatus, newStatus, step } from '../../../src/platform/alerts/state.ts';

const MINUTE = 60_000;
const measure = async () => null;
const common = { summary: 'Too many.', severity: 'warning', unit: 'count', measure } as const;
const high = alert('unit-high', { ...common, above: 10, clear: 8, for: '2m', keep: '3m', atLeast: 5 });
const low = alert('unit-low', { ...common, below: 10, clear: 12, for: 0, keep: 0 });

/** Evaluates one reading each minute. `-` is a reading that failed, and `few` one with too few samples. */
function run(which: Alert, readings: string): string {
  let status: AlertStatus = newStatus(0);
  const states: string[] = [];
  readings.split(' ').forEach((text, minute) => {
    const reading: Reading | null =
      text === '-' ? null : text === 'few' ? { value: 99, samples: 4 } : { value: Number(text), samples: 100 };
    const next = step(which, status, reading, minute * MINUTE);
    status = next.status;
    states.push(next.change ?? status.state);
  });
  return states.join(' ');
}

describe('an alert with a limit above, `for` 2 min and `keep` 3 min', () => {
  test.each([
    ['stays ok at its limit', '10 10', 'ok ok'],
    ['fires once the condition has held for 2 min', '11 11 11 11', 'pending pending fired firing'],
    [
      'begins to wait anew after a value within the limit',
      '11 11 9 11 11 11',
      'pending pending ok pending pending fired',
    ],
    [
      'does not end between the limit and the clear value',
      '11 11 11 9 9 9 9 9',
      'pending pending fired firing firing firing firing firing',
    ],
    ['ends after 3 min of clear values', '11 11 11 7 7 7 7', 'pending pending fired firing firing firing resolved'],
    [
      'goes on firing if a value is not clear in between',
      '11 11 11 7 7 9 7 7 7 7',
      'pending pending fired firing firing firing firing firing firing resolved',
    ],
    [
      'is unknown without a value, and waits anew after it',
      '5 - 11 - 11 11 11',
      'ok unknown pending unknown pending pending fired',
    ],
    [
      'goes on firing without a value',
      '11 11 11 - - - - 7 7 7 7',
      'pending pending fired firing firing firing firing firing firing firing resolved',
    ],
    [
      'does not count a clear value before a missing value',
      '11 11 11 7 7 - 7 7 7 7',
      'pending pending fired firing firing firing firing firing firing resolved',
    ],
    ['is unknown with too few samples', 'few few 5', 'unknown unknown ok'],
    ['ends with too few samples', '11 11 11 few few few few', 'pending pending fired firing firing firing resolved'],
  ])('%s', (_title, readings, states) => expect(run(high, readings)).toBe(states));
});

test('an alert with a limit below, and without times, fires and ends at once', () => {
  expect(run(low, '10 9 11 12 13 9')).toBe('ok fired firing resolved ok fired');
});

test('a new firing has sent no message', () => {
  const fired = { ...newStatus(0), state: 'ok', notifiedAt: 5 } as const;
  expect(step(low, fired, { value: 1 }, MINUTE).status).toMatchObject({
    state: 'firing',
    since: MINUTE,
    notifiedAt: null,
  });
});

test.each([
  ['without a limit', { clear: 1 }, 'needs either above or below'],
  ['with two limits', { above: 1, below: 1, clear: 1 }, 'needs either above or below'],
  ['that ends where it fires', { above: 1, clear: 2 }, 'would end on the side on which it fires'],
  ['that ends where it fires, below', { below: 1, clear: 0 }, 'would end on the side on which it fires'],
])('a declaration %s is refused', (_title, limits, reason) => {
  expect(() => alert('unit-wrong', { ...common, ...limits })).toThrow(reason);
});

test('a name that is no word of a URL is refused', () => {
  expect(() => alert('Not a name', { ...common, above: 1, clear: 1 })).toThrow(
    'Not a name is not the name of an alert',
  );
});
