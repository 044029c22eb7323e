/** The alerts about entries that wait too long for their seal, and about reads that wait for their entry. */
import { alert } from '../alerts/index.ts';
import { loggedTenants, logLengths } from '../read-log/index.ts';
import { SEALED_WITHIN_MS } from './verify.ts';

/** Without the setting `AUDIT_SIGNING_KEYS` nothing is sealed, and the alert has no value. 1 statement. */
export const unsealedAlert = alert('audit-unsealed', {
  summary: 'An entry of the audit trail has had no seal for more than 10 minutes.',
  severity: 'critical',
  unit: 'ms',
  async measure({ scope }) {
    if (scope.environment.AUDIT_SIGNING_KEYS === undefined) return null;
    const [row] = await scope.store.query<{ oldest: number | null }>(OLDEST, []);
    return { value: row?.oldest == null ? 0 : Math.max(0, scope.system.now() - row.oldest) };
  },
  above: SEALED_WITHIN_MS,
  clear: SEALED_WITHIN_MS,
  runbook: 'docs/audit.md',
});

const OLDEST = `
  SELECT (extract(epoch FROM min(occurred_at)) * 1000)::float8 AS oldest FROM audit_entries WHERE seal IS NULL`;

/** The share of the bound of the fullest log of audited reads. 2 requests; 1 command and 1 for each log. */
export const readLogAlert = alert('audit-reads-full', {
  summary: 'A log of audited reads is at more than 70 % of its bound. At 80 % such reads are refused.',
  severity: 'critical',
  unit: 'share',
  async measure({ scope }) {
    const { redis, environment } = scope;
    const lengths = await logLengths(redis, await loggedTenants(redis));
    return { value: Math.max(0, ...lengths) / environment.AUDIT_READS_BOUND };
  },
  above: 0.7,
  clear: 0.5,
  runbook: 'docs/audit.md',
});
