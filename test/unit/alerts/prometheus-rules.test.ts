/** The alerts for Prometheus have the limits of the alerts that the service evaluates itself. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { alerts } from '../../../src/app/background.ts';
import type { Alert } from '../../../src/platform/alerts/index.ts';
import { LEAST_FAILURES, LEAST_OF_RULE } from '../../../src/platform/alerts/measured.ts';
import { type Duration, milliseconds } from '../../../src/platform/duration.ts';

interface Rule {
  alert: string;
  expr: string;
  for?: Duration;
  labels: { severity: string };
}
const FILE = join(import.meta.dirname, '../../../docs/prometheus-rules.yml');
const { groups } = parse(readFileSync(FILE, 'utf8')) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

/** The alert of each rule; how the expression writes the limit; and the number of events that it needs. */
const PAIRS: Readonly<Record<string, { alert: string; limit?: (limit: number) => string; atLeast?: number }>> = {
  HoldfastRedisErrors: { alert: 'redis-errors', atLeast: LEAST_FAILURES },
  HoldfastRedisPermissions: { alert: 'redis-permissions' },
  HoldfastHitRatio: { alert: 'hit-ratio' },
  HoldfastEvictions: { alert: 'evictions' },
  HoldfastOutboxAge: { alert: 'outbox-age', limit: (ms) => `${ms / 1000}` },
  HoldfastJournalAge: { alert: 'journal-age', limit: (ms) => `${ms / 1000}` },
  HoldfastJobFailures: { alert: 'job-failures' },
  HoldfastDeadLetters: { alert: 'dead-letters' },
  HoldfastSlow: { alert: 'slow', limit: (times) => `${times} * histogram_quantile` },
  HoldfastErrors: { alert: 'budget-burns-fast', limit: (times) => `${times} * 0.001` },
  HoldfastErrorsSlowly: { alert: 'budget-burns-slowly', limit: (times) => `${times} * 0.001` },
  HoldfastRefusedDeliveries: { alert: 'refused-deliveries' },
  HoldfastLimits: { alert: 'refused-requests', atLeast: LEAST_OF_RULE },
};
/** Rules and alerts without a counterpart, each with the reason. */
const ALONE: Readonly<Record<string, string>> = {
  HoldfastOutboxDepth: 'The service itself looks at the age, which tells more.',
  'redis-unreachable': 'Without Redis, GET /metrics has no figures.',
  'redis-memory': 'The limit is a setting of the service, which Prometheus does not know.',
  backlog: 'The backlog is read from the jobs, and is no metric.',
  'backlog-age': 'The backlog is read from the jobs, and is no metric.',
  'audit-unsealed': 'The entries are read from the database, and are no metric.',
  'audit-reads-full': 'The logs are read from Redis, and are no metric.',
  'wrong-numbers': 'The recounts are rows of the database, and are no metric.',
  'care-long-wait': 'The visits are read from the database, and are no metric.',
  'care-reviews-late': 'The accesses are read from the database, and are no metric.',
  'missed-schedule': 'The ticks of schedules are no metrics.',
};

/** The parts that a rule and its alert must have in common. `events` are the bounds in `>= 500`. */
const partsOf = ({ expr, for: held = '0s', labels }: Rule) => ({
  severity: labels.severity,
  forMs: milliseconds(held),
  limits: new Set(
    [...expr.matchAll(/ ([<>]) ([\d.]+(?: \* (?:[\d.]+|histogram_quantile))?)/g)].map(([, ...side]) => side.join(' ')),
  ),
  events: [...expr.matchAll(/>= ([\d.]+)/g)].map(([, bound]) => Number(bound)),
});

function expectedOf({ side, limit, severity, forMs, atLeast: ofAlert }: Alert, pair: (typeof PAIRS)[string]) {
  const atLeast = pair?.atLeast ?? ofAlert;
  return {
    ...{ severity, forMs },
    limits: new Set([`${side === 'above' ? '>' : '<'} ${(pair?.limit ?? String)(limit)}`]),
    events: atLeast === 0 ? [] : [atLeast],
  };
}

test.each(Object.entries(PAIRS))('%s has the limit, the time and the severity of its alert', (name, pair) => {
  const rule = rules.find((each) => each.alert === name) ?? expect.fail(`No rule ${name}`);
  const alert = alerts.find((each) => each.name === pair.alert) ?? expect.fail(`No alert ${pair.alert}`);
  expect(partsOf(rule)).toEqual(expectedOf(alert, pair));
});

test('each rule and each alert has its counterpart, or a reason why it has none', () => {
  const named = [...Object.keys(PAIRS), ...Object.values(PAIRS).map(({ alert }) => alert), ...Object.keys(ALONE)];
  const all = [...rules.map(({ alert }) => alert), ...alerts.map(({ name }) => name)];
  expect(named.toSorted()).toEqual(all.toSorted());
});

test('a rule with another limit, time or severity is found', () => {
  const rule = rules.find(({ alert }) => alert === 'HoldfastHitRatio') ?? expect.fail('No rule');
  const right = partsOf(rule);
  for (const wrong of [
    { ...rule, expr: rule.expr.replace('< 0.6', '< 0.5') },
    { ...rule, expr: rule.expr.replace('>= 500', '>= 5') },
    { ...rule, for: '1m' as const },
    { ...rule, labels: { severity: 'critical' } },
  ]) {
    expect(partsOf(wrong)).not.toEqual(right);
  }
});
