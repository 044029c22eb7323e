/**
 * Looks for secrets in the lines of a log: those that are known, wherever in a line they stand, and whatever has the form
 * of one of our credentials. The forms are written down here again on purpose: what the log forgets to mask must not
 * be forgotten by the scan too.
 */

/** A line, and who wrote it. */
export interface RecordedLine {
  /** What wrote it, and for which file of tests. */
  source: string;
  line: string;
}

/** Something that must stand in no line. */
export interface KnownSecret {
  /** What it is: `password`, `code`, … */
  kind: string;
  secret: string;
}

/** A secret in a line. Nothing of the secret but its beginning is in here. */
export interface Finding {
  source: string;
  kind: string;
  /** What was found, and the line around it, made unreadable. */
  secret: string;
  line: string;
}

const FORMS: readonly (readonly [kind: string, form: RegExp])[] = [
  ['API key', /hf_[a-z0-9][a-z0-9-]*_[A-Za-z0-9]{12}_[A-Za-z0-9]{16,}/g],
  ['session token', /v1\.[a-z0-9-]+\.[\w-]{22}\.[\w-]{22}\.[\w-]{20,}/g],
  ['refresh token', /r1\.[a-z0-9-]+\.[\w-]{22}\.[\w-]{22}\.\d+\.[\w-]{20,}(?:\.[\w-]+)?/g],
  ['challenge', /c1\.[\w-]{1,32}\.[\w-]+\.[\w-]{22,}/g],
  ['JSON web token', /eyJ[\w-]{5,}\.eyJ[\w-]+\.[\w-]*/g],
  ['hash of a password', /\$scrypt\$ln=[^\s"\\]*/g],
  ['signing key', /(?<![A-Za-z])sig_\w{8,}/g],
  ['key of a ring', /[\w-]+:[A-Za-z0-9+/]{43}=/g],
  ['password of a database', /postgres(?:ql)?:\/\/[^\s:/@"]*:(?!\[secret\])[^\s/@"]+@/g],
  ['record of a session', /\\?"digest\\?":/g],
];

/** Shorter ones stand in lines by chance, such as a wrong password of one letter. Codes have a rule of their own. */
const SHORTEST = 10;
const CODE = /^\d{8}$/;
/** How much of a secret is compared at once. */
const WINDOW = 8;

/** Every secret in every line; one finding for each of them. */
export function scanLog(lines: Iterable<RecordedLine>, secrets: Iterable<KnownSecret>): Finding[] {
  const known = byBeginning(secrets);
  const findings: Finding[] = [];
  for (const { source, line } of lines) {
    const found = [...knownIn(line, known), ...formsIn(line)];
    const hidden = found.reduce((text, { secret }) => text.replaceAll(secret, mask(secret)), line);
    for (const { kind, secret } of found) {
      findings.push({ source, kind, secret: mask(secret), line: hidden.slice(0, 300) });
    }
  }
  return findings;
}

/** What to tell about findings: each kind and place once. */
export function describeFindings(findings: readonly Finding[]): string {
  const places = new Map<string, { finding: Finding; times: number }>();
  for (const finding of findings) {
    const place = `${finding.kind} ${finding.source}`;
    places.set(place, { finding, times: (places.get(place)?.times ?? 0) + 1 });
  }
  const described = [...places.values()].map(
    ({ finding: { kind, source, secret, line }, times }) =>
      `  ${kind} ${secret} (${times}×), by ${source}:\n    ${line}`,
  );
  return [`${findings.length} secrets in the log:`, ...described].join('\n');
}

/** Enough to find it again, not enough to use it. */
function mask(secret: string): string {
  return `${secret.slice(0, Math.min(4, Math.floor(secret.length / 3)))}…(${secret.length} characters)`;
}

/** Secrets by their first characters, in each way that JSON and URLs write them. */
function byBeginning(secrets: Iterable<KnownSecret>): Map<string, KnownSecret[]> {
  const known = new Map<string, KnownSecret[]>();
  for (const { kind, secret } of secrets) {
    if (secret.length < SHORTEST && !CODE.test(secret)) continue;
    for (const written of new Set([
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret.toWellFormed()),
    ])) {
      const beginning = written.slice(0, WINDOW);
      known.set(beginning, [...(known.get(beginning) ?? []), { kind, secret: written }]);
    }
  }
  return known;
}

function knownIn(line: string, known: ReadonlyMap<string, readonly KnownSecret[]>): KnownSecret[] {
  const found: KnownSecret[] = [];
  for (let at = 0; at + WINDOW <= line.length; at += 1) {
    for (const each of known.get(line.slice(at, at + WINDOW)) ?? []) {
      if (!line.startsWith(each.secret, at)) continue;
      // Eight digits inside a longer word are part of an id or of a time.
      const isWord = !/\w/.test(line.charAt(at - 1)) && !/\w/.test(line.charAt(at + each.secret.length));
      if (!CODE.test(each.secret) || isWord) found.push(each);
    }
  }
  return found;
}

function formsIn(line: string): KnownSecret[] {
  return FORMS.flatMap(([kind, form]) => [...line.matchAll(form)].map(([secret]) => ({ kind, secret })));
}
