/**
 * `npm run audit:verify -- --tenant acme`: verifies the audit trail of a tenant, and exits with 1 if it has a fault. The
 * command uses the servers that the environment names, or the running local cloud.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import type { Environment } from '../../src/app/env.ts';
import { createPlatform } from '../../src/app/platform.ts';
import {
  createAuditKeys,
  type KeptSeal,
  linesOfReport,
  openAnchors,
  type PublicAuditKey,
  readKeptSeals,
  readPublicKeys,
  verifyTrail,
} from '../../src/platform/audit/index.ts';
import { openDatabasePool } from '../../src/platform/db/index.ts';
import { messageOf } from '../cloud/errors.ts';
import { findEnvironment } from '../cloud/found-environment.ts';

const USAGE = `npm run audit:verify -- --tenant <id> [--anchor <file>] [--keys <file>] [--json]

  --tenant   the tenant whose audit trail is verified
  --anchor   a file with a seal, or a list of seals, that was kept outside the database, or the text of the daily mail
  --keys     a file with the public keys, as /.well-known/holdfast-audit-keys.json has them; default: AUDIT_SIGNING_KEYS
  --json     prints the report as JSON`;

interface Options {
  anchor?: string | undefined;
  keys?: string | undefined;
  json: boolean;
}

try {
  const { values } = parseArgs({
    options: {
      tenant: { type: 'string' },
      anchor: { type: 'string' },
      keys: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) console.log(USAGE);
  else if (values.tenant === undefined) throw new Error(`--tenant is missing.\n\n${USAGE}`);
  else await verify(values.tenant, values);
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

async function verify(tenantId: string, { anchor, keys, json }: Options): Promise<void> {
  const environment = await findEnvironment();
  const publicKeys = keys === undefined ? await keysOf(environment) : readKeys(keys);
  const pool = openDatabasePool({ connectionString: environment.DATABASE_URL });
  // The output is the report alone, so log lines go to the other stream.
  const scope = createPlatform({ environment, pool, write: (line) => console.error(line) }).scope();
  try {
    const kept = await openAnchors(environment, scope)?.newest(tenantId);
    const anchors = [...(anchor === undefined ? [] : readAnchors(anchor)), ...(kept ? [kept] : [])];
    const bar = new SingleBar({ format: '{value} seals', hideCursor: true });
    if (!json) bar.start(Number.MAX_SAFE_INTEGER, 0);
    const report = await verifyTrail(scope.store, {
      ...{ tenantId, anchors, now: scope.system.now(), publicKeys },
      progress: (seals) => (json ? undefined : bar.update(seals)),
    });
    if (!json) bar.stop();
    console.log(json ? JSON.stringify(report) : linesOfReport(report).join('\n'));
    if (report.faults.length > 0) process.exitCode = 1;
  } finally {
    await scope.end();
    await pool.close();
  }
}

function readAnchors(file: string): KeptSeal[] {
  const kept = readKeptSeals(readFileSync(file, 'utf8'));
  if (!kept) throw new Error(`${file} has no seal: it needs "seal" and "hash"`);
  return kept;
}

async function keysOf({ AUDIT_SIGNING_KEYS: setting }: Environment): Promise<ReadonlyMap<string, PublicAuditKey>> {
  if (setting === undefined) throw new Error('Set AUDIT_SIGNING_KEYS, or pass the public keys with --keys');
  return createAuditKeys(setting).publicKeys();
}

function readKeys(file: string): ReadonlyMap<string, PublicAuditKey> {
  const keys = readPublicKeys(readFileSync(file, 'utf8'));
  if (!keys) throw new Error(`${file} has no public keys of seals`);
  return keys;
}
