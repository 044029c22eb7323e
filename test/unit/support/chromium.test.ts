/** The search for Chromium: its absence leaves the browser tests out with one line, and fails a run that requires them. */
import { expect, test, vi } from 'vitest';
import { findChromium } from '../../browser/chromium.ts';

test('finds the first usual path that is there, or the path in CHROMIUM', () => {
  expect(findChromium({}, ['/no/chromium', import.meta.filename, '/no/other'])).toBe(import.meta.filename);
  expect(findChromium({ CHROMIUM: import.meta.filename }, [])).toBe(import.meta.filename);
});

test.each([
  ['the usual paths', {}],
  ['/no/such/file', { CHROMIUM: '/no/such/file' }],
])('without a file at %s, prints one line, or fails if the tests are required', (place, environment) => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  try {
    expect(findChromium(environment, ['/no/chromium'])).toBeUndefined();
    expect(log.mock.calls).toEqual([[expect.stringContaining(`The browser tests are left out`)]]);
    expect(log.mock.calls[0]?.[0]).toContain(place);
    expect(() => findChromium({ ...environment, BROWSER_TESTS: 'required' }, ['/no/chromium'])).toThrow(place);
  } finally {
    log.mockRestore();
  }
});
