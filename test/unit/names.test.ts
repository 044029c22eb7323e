/** Old names that the code replaced by the terms of the field. No old name may come back. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

/** Identifiers and settings: the old name, and the term that replaced it. */
const RENAMED: Readonly<Record<string, string>> = {
  Payer: 'OutboxHandler',
  Payers: 'OutboxHandlers',
  payAll: 'handleAll',
  Debt: 'OutboxEntry',
  LateDebt: 'NewOutboxEntry',
  owe: 'addToOutbox',
  jobPayers: 'jobOutboxHandlers',
  revocationPayer: 'revocationHandler',
  REVOCATION_DEBT: 'REVOCATION',
  drainAtTail: 'drainAfterRequest',
  OUTBOX_TAIL_MS: 'OUTBOX_DRAIN_INTERVAL_MS',
  Peek: 'Lookup',
  peekAll: 'lookUpAll',
  parsePending: 'parseUnflushed',
  bury: 'deadLetter',
  hurryJob: 'runJobNow',
  revive: 'redeliver',
};

/** Files: the old path, and the new one. */
const MOVED: Readonly<Record<string, string>> = {
  'src/db/payers.ts': 'src/platform/outbox/outbox-handlers.ts',
  'src/cache/judge.ts': 'src/platform/cache/classify.ts',
  'src/cache/pending.ts': 'src/platform/cache/unflushed.ts',
  'src/limits/take.ts': 'src/platform/limits/consume.ts',
  'src/limits/settle.ts': 'src/platform/limits/refund.ts',
  'src/auth/enter.ts': 'src/identity/signed-in.ts',
  'src/node-fetch.ts': 'src/platform/keep-alive-fetch.ts',
};

function filesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
    .filter((file) => /\.tsx?$/.test(file) && !/^src\/generated\/|\/node_modules\//.test(file));
}

test('no identifier or setting of the code has an old name', () => {
  const old = new RegExp(`(?<![\\w-])(?:${Object.keys(RENAMED).join('|')})(?![\\w-])`, 'g');
  const found = ['src', 'functions', 'dev', 'cli', 'deploy', 'clients/typescript/src', 'bench', 'docs/examples']
    .flatMap(filesIn)
    .flatMap((file) => {
      const code = readFileSync(join(ROOT, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');
      return [...code.matchAll(old)].map(([name]) => `${file}: ${name} is ${RENAMED[name]} now`);
    });
  expect(found).toEqual([]);
});

test('files have their new places', () => {
  const files = new Set(filesIn('src'));
  const left = Object.entries(MOVED).filter(([before, after]) => files.has(before) || !files.has(after));
  expect(left).toEqual([]);
});
