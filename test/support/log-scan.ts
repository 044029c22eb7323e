/**
 * Looks for secrets in the lines of a log: known secrets anywhere in a line, and texts with the form of a credential.
 * The forms are repeated here on purpose: a mistake in the forms that the log masks must not be a mistake of the scan.
 */

/** A line and its source. */
export interface RecordedLine {
  /** The process that wrote the line, and its test file. */
  source: string;
  line: string;
}

/** A text that no line may contain. */
export interface KnownSecret {
  /** The kind: `password`, `code`, … */
  kind: string;
  secret: string;
}

/** A secret found in a line. Contains only the beginning of the secret. */
export interface Finding {
  source: string;
  kind: string;
  /** The secret and the line around it, made unreadable. */
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

/** Shorter texts occur in lines by chance, such as a wrong password of one letter. Codes have a rule of their own. */
const SHORTEST = 10;
const CODE = /^\d{8}$/;
/** The number of first characters by which secrets are indexed. */
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

/** The report of findings: each kind and source once. */
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

/** Shows enough of a secret to find it again, but not enough to use it. */
function mask(secret: string): string {
  return `${secret.slice(0, Math.min(4, Math.floor(secret.length / 3)))}…(${secret.length} characters)`;
}

/** Secrets by their first characters, in each spelling of JSON and URLs. */
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
