/** The scan at the end of every run finds planted secrets anywhere in the log and reports them without showing them. */
import { describe, expect, test } from 'vitest';
import { growth, LINEAR } from '../../support/growth.ts';
import { createLogDirectory, openLogRecord, readLogRecord, removeLogDirectory } from '../../support/log-directory.ts';
import { describeFindings, type KnownSecret, scanLog } from '../../support/log-scan.ts';

const HIDDEN = 'S3cretS3cretS3cretS3cretS3cretS3';
const scan = (line: string, secrets: KnownSecret[] = []) => scanLog([{ source: 'here', line }], secrets);

describe('known secrets are found', () => {
  test.each<[string, string, string]>([
    ['a password', 'pass 0123 Ünder "quotes"', 'pass 0123 Ünder "quotes"'],
    ['as JSON writes it', 'pass "0123"456', JSON.stringify({ text: 'pass "0123"456' })],
    ['as URLs write it', 'pass 0123456', '/sign-in?password=pass%200123456'],
    ['a code', '01234567', '{"text":"your code is 01234567."}'],
    ['with half a character', 'half a \ud800 character', 'half a \ud800 character'],
    ['at the end of a line', HIDDEN, `x${HIDDEN}`],
    ['that begins like another', `${HIDDEN}b`, `${HIDDEN}b`],
  ])('%s', (_, secret, line) => {
    const secrets = [
      { kind: 'other', secret: `${HIDDEN}a` },
      { kind: 'planted', secret },
    ];
    const findings = scan(line, secrets);
    expect(findings).toMatchObject([{ kind: 'planted', source: 'here' }]);
    expect(JSON.stringify(findings)).not.toContain(secret);
    expect(describeFindings(findings)).not.toContain(secret);
  });

  test('but not in texts that only look similar', () => {
    expect(scan('{"ms":1012345678,"id":"user_01234567ab"}', [{ kind: 'code', secret: '01234567' }])).toEqual([]);
    expect(scan('a wrong word', [{ kind: 'password', secret: 'wrong' }])).toEqual([]);
    expect(scan('anything', [])).toEqual([]);
  });
});

const id = 'A'.repeat(22);
const forms: [name: string, text: string][] = [
  ['API key', `hf_acme_demo00000001_${HIDDEN}`],
  ['session token', `v1.acme.${id}.${id}.${HIDDEN}`],
  ['refresh token', `r1.acme.${id}.${id}.7.${HIDDEN}.${HIDDEN}`],
  ['challenge', `c1.k1.WyJhQGIuZXhhbXBsZSIsbnVsbF0.${id}`],
  ['JSON web token', `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${HIDDEN}`],
  ['hash of a password', `$scrypt$ln=14,r=8,p=5$${id}$${HIDDEN}`],
  ['signing key', `sig_${HIDDEN}`],
  ['key of a ring', `k1:${HIDDEN}${'A'.repeat(11)}=`],
  ['password of a database', `postgresql://app:${HIDDEN}@db.example/x`],
  ['record of a session', '1 2 3   id {"userId":"user_1","digest":"abc"}'],
];

describe('a text with the form of a credential is found without being known', () => {
  test.each(forms)('%s', (kind, text) => {
    for (const line of [text, `x_${text}`, JSON.stringify({ error: { message: `refused ${text}` } })]) {
      expect(scan(line).map((finding) => finding.kind)).toEqual([kind]);
      expect(describeFindings(scan(line))).not.toContain(HIDDEN);
    }
  });

  test('but not the masked rest that the log keeps', () => {
    for (const line of [
      'hf_acme_demo00000001[secret]',
      'k1:[secret]',
      'postgres://app:[secret]@db.example',
      'v1.2.3',
    ]) {
      expect(scan(line)).toEqual([]);
    }
  });
});

test('a record keeps lines and secrets of several processes, without an unfinished line', () => {
  const directory = createLogDirectory();
  const [one, two] = [openLogRecord(directory, () => 'one.test.ts'), openLogRecord(directory, () => 'two.test.ts')];
  one.secret('password', 'pass 0123456789');
  one.secret('password', 'pass 0123456789');
  two.line('an app', 'signed in with pass 0123456789\n');
  const { lines, secrets } = readLogRecord(directory);
  removeLogDirectory(directory);
  expect(secrets).toHaveLength(1);
  const report = describeFindings(scanLog(lines, secrets));
  expect(report).toContain('password pass…(15 characters) (1×), by an app in two.test.ts');
  expect(report).not.toContain('0123456789');
});

test('the work of a scan grows with the log, and not with the log times the secrets', () => {
  const scan = (size: number) => {
    const secrets = Array.from({ length: size }, (_, index) => ({ kind: 'token', secret: `${index}-${HIDDEN}` }));
    const lines = Array.from({ length: size * 4 }, () => ({
      source: 'here',
      line: JSON.stringify({ id, path: '/deals' }).repeat(4),
    }));
    expect(scanLog(lines, secrets)).toEqual([]);
  };
  expect(growth(scan, 500)).toBeLessThan(LINEAR);
});
