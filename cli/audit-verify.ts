/** `audit verify`: verifies the sealed audit trail of a tenant. */
import { readFileSync } from 'node:fs';
import {
  createAuditKeys,
  type KeptSeal,
  linesOfReport,
  openAnchors,
  type PublicAuditKey,
  readKeptSeals,
  readPublicKeys,
  verifyTrail,
} from '../src/platform/audit/index.ts';
import { type Command, optional, required } from './command.ts';
import { TENANT_OPTION } from './tenant.ts';
import { UsageError } from './usage-error.ts';

export const auditVerify: Command = {
  name: 'audit verify',
  summary: 'Verifies the sealed audit trail of a tenant; exits with 1 if it was changed',
  options: {
    ...TENANT_OPTION,
    anchor: { type: 'string', value: 'file', help: 'Seals that were kept outside the database, or the daily mail' },
    keys: { type: 'string', value: 'file', help: 'The public keys. Default: those of AUDIT_SIGNING_KEYS' },
  },
  example: 'audit verify --tenant acme',
  async run(input, place) {
    const tenantId = required(input, 'tenant');
    const { scope, environment } = await place.app();
    const publicKeys = await keysOf(environment.AUDIT_SIGNING_KEYS, optional(input, 'keys'));
    const kept = await openAnchors(environment, scope)?.newest(tenantId);
    const anchors = [...sealsOf(optional(input, 'anchor')), ...(kept ? [kept] : [])];
    const report = await verifyTrail(scope.store, {
      ...{ tenantId, anchors, now: scope.system.now(), publicKeys },
      progress: (seals) => place.progress.show(seals, Math.max(seals, kept?.seal ?? 0), 'seals'),
    });
    place.progress.end();
    return { lines: linesOfReport(report), json: report, exitCode: report.faults.length > 0 ? 1 : 0 };
  },
};

async function keysOf(
  setting: string | undefined,
  file: string | undefined,
): Promise<ReadonlyMap<string, PublicAuditKey>> {
  if (file === undefined) {
    if (setting === undefined) throw new UsageError('Set AUDIT_SIGNING_KEYS, or name a file with --keys');
    return createAuditKeys(setting).publicKeys();
  }
  const keys = readPublicKeys(read(file));
  if (!keys) throw new UsageError(`--keys ${file} has no public keys of seals`);
  return keys;
}

function sealsOf(file: string | undefined): KeptSeal[] {
  if (file === undefined) return [];
  const kept = readKeptSeals(read(file));
  if (!kept) throw new UsageError(`--anchor ${file} has no seal: it needs "seal" and "hash"`);
  return kept;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new UsageError(`${file} cannot be read`);
  }
}
