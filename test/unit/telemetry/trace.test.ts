/** Traces: their ids, the decision to keep them, and their bounds. */
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createTrace, parseTraceparent, type TraceOptions } from '../../../src/platform/telemetry/index.ts';

const PARENT = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', sampled: true };

/** Starts a trace on a clock that the test moves. */
function start(options: Partial<TraceOptions> = {}) {
  const clock = { now: 1_000 };
  const system = { now: () => clock.now, token: () => randomBytes(16).toString('base64url') };
  const trace = createTrace({
    system,
    parent: null,
    records: true,
    ratio: 0,
    parentBased: true,
    slowMs: 500,
    ...options,
  });
  /** Ends the trace after a time and returns whether it is kept. */
  const isKept = ({ ms = 0, failed = false, failedSpan = false } = {}) => {
    clock.now += ms;
    trace.add({ name: 'GET', kind: 'client', ms: 0, failed: failedSpan });
    trace.end({ name: 'GET /', kind: 'server', failed });
    return trace.kept().length > 0;
  };
  return { clock, trace, isKept };
}

test('a new trace has valid ids, and its spans are below its first span', () => {
  const { clock, trace } = start({ ratio: 1 });
  clock.now += 30;
  trace.add({ name: 'GET', kind: 'client', ms: 20 });
  clock.now += 10;
  trace.end({ name: 'GET /deals', kind: 'server' });
  const context = parseTraceparent(trace.traceparent);
  expect(context).toMatchObject({ traceId: trace.traceId, sampled: true });
  expect(trace.kept()).toMatchObject([
    { traceId: trace.traceId, spanId: context?.spanId, parentSpanId: null, startedAt: 1_000, endedAt: 1_040 },
    { traceId: trace.traceId, parentSpanId: context?.spanId, startedAt: 1_010, endedAt: 1_030 },
  ]);
});

test('a trace of a caller continues it', () => {
  const { trace, isKept } = start({ parent: PARENT });
  expect(trace.traceId).toBe(PARENT.traceId);
  expect(isKept()).toBe(true);
  expect(trace.kept()[0]).toMatchObject({ parentSpanId: PARENT.spanId });
});

test('a scope that records nothing passes the header of its caller on, and keeps no span', () => {
  const { trace, isKept } = start({ parent: PARENT, records: false });
  expect(trace.traceparent).toBe(`00-${PARENT.traceId}-${PARENT.spanId}-01`);
  trace.add({ name: 'GET', kind: 'client', ms: 1, failed: true });
  expect(isKept({ failed: true, ms: 9_000 })).toBe(false);
});

test('an open trace is not kept', () => {
  expect(start({ ratio: 1 }).trace.kept()).toEqual([]);
});

test.each([
  ['left out by the ratio', {}, {}, false],
  ['chosen by the ratio', { ratio: 1 }, {}, true],
  ['failed', {}, { failed: true }, true],
  ['successful in spite of a failed span', {}, { failedSpan: true }, true],
  ['slow', {}, { ms: 500 }, true],
  ['almost slow', {}, { ms: 499 }, false],
  ['left out by its caller', { ratio: 1, parent: { ...PARENT, sampled: false } }, {}, false],
  ['left out by its caller, but failed', { parent: { ...PARENT, sampled: false } }, { failed: true }, true],
  ['chosen by a caller that does not decide', { parent: PARENT, parentBased: false }, {}, false],
])('a trace that is %s', (_name, options, end, expected) => {
  expect(start(options).isKept(end)).toBe(expected);
});

test('the ratio chooses about its share, and the same traces in each service', () => {
  let kept = 0;
  for (let index = 0; index < 2_000; index += 1) {
    const { trace, isKept } = start({ ratio: 0.25 });
    const isKeptHere = isKept();
    const parent = { traceId: trace.traceId, spanId: PARENT.spanId, sampled: false };
    expect(start({ ratio: 0.25, parent, parentBased: false }).isKept()).toBe(isKeptHere);
    if (isKeptHere) kept += 1;
  }
  // Five standard deviations of the binomial distribution.
  expect(Math.abs(kept - 500)).toBeLessThan(97);
});

test('a trace keeps 256 spans beside its first one, and counts the others', () => {
  const { trace } = start({ ratio: 1 });
  for (let index = 0; index < 260; index += 1) trace.add({ name: 'GET', kind: 'client', ms: 0 });
  trace.end({ name: 'GET /', kind: 'server' });
  const kept = trace.kept();
  expect(kept).toHaveLength(257);
  expect(kept[0]?.attributes).toEqual({ 'holdfast.dropped_spans': 4 });
});
