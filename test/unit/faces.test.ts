/** The exports of the packaged rooms: each value has a user outside of its room, or is described for users of the package. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { expect, test } from 'vitest';
import { ROOMS } from '../../package/rooms.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Code that uses the rooms. The application of the pack test and the examples use them as others do. */
const USERS = ['src', 'functions', 'cli', 'deploy', 'dev', 'bench', 'docs/examples', 'test/platform/package/app'];

/** Exported for users of the package, beside what the guides name: errors to catch, operations for operators, mails. */
const FOR_OTHERS: Readonly<Record<string, readonly string[]>> = {
  jobs: ['JobError', 'checkSchedules', 'readSchedules', 'runJobNow', 'sweepJobs'],
  limits: ['LimitError'],
  locks: ['LockError'],
  mail: ['newSignIn', 'verifyEmail'],
  redis: ['SealError'],
  sessions: ['AuthKeysError', 'policies'],
};

function filesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => posix.join(folder, file.replaceAll('\\', '/')))
    .filter((file) => /\.tsx?$/.test(file) && !file.includes('/generated/') && !file.includes('node_modules'));
}

/** The names of values in the braces of an import or export. */
function valuesIn(names: string): string[] {
  return names
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type '))
    .map((name) => name.split(' as ')[0] ?? name);
}

/** Names by the door through which they are imported. */
function importsOf(files: readonly string[]): Map<string, Set<string>> {
  const imported = new Map<string, Set<string>>();
  for (const file of files) {
    const text = readFileSync(join(ROOT, file), 'utf8');
    for (const [, names = '', specifier = ''] of text.matchAll(/^import \{([^}]*)\} from '([^']+)';/gm)) {
      const room = specifier.startsWith('.')
        ? posix.join(posix.dirname(file), specifier)
        : specifier.replace(/^holdfast\/([\w-]+)$/, 'src/platform/$1/index.ts');
      const known = imported.get(room) ?? new Set();
      for (const name of valuesIn(names)) known.add(name);
      imported.set(room, known);
    }
  }
  return imported;
}

test('every value that a room exports has a user outside of the room, or is described', () => {
  const imported = importsOf(USERS.flatMap(filesIn));
  const guides = readdirSync(join(ROOT, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => readFileSync(join(ROOT, 'docs', file), 'utf8'))
    .join('\n');
  const unused: string[] = [];
  const doors: string[] = Object.values(ROOMS).filter((source) => source.endsWith('/index.ts'));
  expect(doors.length).toBeGreaterThan(10);
  for (const door of doors) {
    const room = posix.basename(posix.dirname(door));
    const text = readFileSync(join(ROOT, door), 'utf8');
    const exported = [...text.matchAll(/^export \{([^}]*)\} from/gm)].flatMap(([, names = '']) => valuesIn(names));
    for (const name of exported) {
      const isUsed = imported.get(door)?.has(name) || FOR_OTHERS[room]?.includes(name);
      if (!isUsed && !new RegExp(`\\b${name}\\b`).test(guides)) unused.push(`${room}: ${name}`);
    }
  }
  expect(unused).toEqual([]);
});
