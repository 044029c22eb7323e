/** The header `traceparent`, by the rules and examples of W3C Trace Context. */
import { describe, expect, test } from 'vitest';
import { formatTraceparent, parseTraceparent } from '../../../src/platform/telemetry/index.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const known = { traceId: TRACE, spanId: SPAN, sampled: true };

describe('a header is read', () => {
  test.each([
    ['the example of the standard', `00-${TRACE}-${SPAN}-01`, known],
    ['without the flag that the caller records', `00-${TRACE}-${SPAN}-00`, { ...known, sampled: false }],
    ['with flags that this version does not know', `00-${TRACE}-${SPAN}-ff`, known],
    ['of a later version', `cc-${TRACE}-${SPAN}-01`, known],
    ['of a later version with more fields', `cc-${TRACE}-${SPAN}-01-what-the-future-holds`, known],
  ])('%s', (_name, header, expected) => {
    expect(parseTraceparent(header)).toEqual(expected);
  });

  test('and written again, byte for byte', () => {
    const header = `00-${TRACE}-${SPAN}-01`;
    expect(formatTraceparent(parseTraceparent(header) ?? expect.fail())).toBe(header);
  });
});

describe('a header is ignored', () => {
  test.each([
    ['empty', ''],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a span id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['the version ff', `ff-${TRACE}-${SPAN}-01`],
    ['more fields than version 00 has', `00-${TRACE}-${SPAN}-01-more`],
    ['a short trace id', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['no flags', `00-${TRACE}-${SPAN}`],
    ['two headers in one', `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
  ])('%s', (_name, header) => {
    expect(parseTraceparent(header)).toBeNull();
  });
});
