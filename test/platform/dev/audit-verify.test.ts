/** `npm run audit:verify`, which is `dev/commands/audit-verify.ts`, on a database of its own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { appVariables } from '../../../dev/cloud/app-environment.ts';
import { createAuditKeys } from '../../../src/platform/audit/index.ts';
import { runProgram } from '../../support/npm-run.ts';
import { NEW_KEY, openTrail, type Trail } from '../audit/trail.ts';

const LIMIT = { timeout: 600_000 };
const folder = mkdtempSync(join(tmpdir(), 'holdfast-audit-'));
let trail: Trail;
let env: Record<string, string>;
beforeAll(async () => {
  trail = await openTrail();
  const variables = appVariables(inject('cloud'), 'http://localhost:8787');
  env = { ...variables, DATABASE_URL: trail.connectionString, AUDIT_SIGNING_KEYS: NEW_KEY };
});
afterAll(async () => {
  await trail.close();
  rmSync(folder, { recursive: true });
});

const run = (...args: string[]) => runProgram('audit:verify', { env, args });
function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

test('prints the seals and exits with 0; with a fault it names the fault and exits with 1', LIMIT, async () => {
  await trail.add('acme');
  const seal = await trail.seal('acme', createAuditKeys(NEW_KEY));
  const kept = file('seal.json', seal);
  const good = await run('--tenant', 'acme', '--anchor', kept);
  expect(good).toMatchObject({ status: 0 });
  expect(good.stdout).toContain(`Entries: 1. Seals: 1. Newest seal: 1 ${seal?.hash}`);
  await trail.falsify("UPDATE audit_entries SET action = 'other' WHERE tenant_id = 'acme'");
  const bad = await run('--tenant', 'acme', '--json');
  expect(bad).toMatchObject({ status: 1 });
  expect(JSON.parse(bad.stdout)).toMatchObject({ faults: [{ code: 'ENTRY_CHANGED', seal: 1 }] });
  const cut = await run('--tenant', 'none', '--anchor', kept);
  expect([cut.status, cut.stdout]).toEqual([1, expect.stringContaining('SEAL_MISSING seal 1')]);
});

test('takes the kept seal from the text of a mail, whose lines a mail program has broken', LIMIT, async () => {
  await trail.add('mailed');
  const seal = await trail.seal('mailed', createAuditKeys(NEW_KEY));
  const mail = (hash: string | undefined) => {
    const line = JSON.stringify({ tenantId: 'mailed', seal: 1, hash, count: 1, sealedAt: seal?.sealedAt });
    const path = join(folder, 'mail.txt');
    writeFileSync(path, `> Keep this mail.\n> ${line.slice(0, 60)}\r\n> ${line.slice(60)}\n> Verify the trail:\n`);
    return path;
  };
  expect(await run('--tenant', 'mailed', '--anchor', mail(seal?.hash))).toMatchObject({ status: 0 });
  const other = await run('--tenant', 'mailed', '--anchor', mail('0'.repeat(64)));
  expect([other.status, other.stdout]).toEqual([1, expect.stringContaining('ANCHOR_DIFFERS seal 1')]);
});

test('verifies with public keys from a file, and finds a seal of another key', LIMIT, async () => {
  await trail.add('globex');
  await trail.seal('globex', createAuditKeys(NEW_KEY));
  const keys = [...(await createAuditKeys(NEW_KEY).publicKeys()).values()];
  expect(await run('--tenant', 'globex', '--keys', file('keys.json', { keys }))).toMatchObject({ status: 0 });
  const other = await run('--tenant', 'globex', '--keys', file('none.json', { keys: [] }));
  expect([other.status, other.stdout]).toEqual([1, expect.stringContaining('SEAL_UNSIGNED seal 1')]);
});

test('names what is missing', LIMIT, async () => {
  expect((await run()).stderr).toMatch(/^--tenant is missing/);
  const wrong = await run('--tenant', 'acme', '--anchor', file('wrong.json', {}));
  expect([wrong.status, wrong.stderr]).toEqual([1, expect.stringContaining('wrong.json has no seal')]);
});
