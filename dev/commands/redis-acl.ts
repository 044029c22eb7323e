/**
 * `npm run redis:acl -- --print|--check|--apply|--add-token|--retire-token|--fence`: the app's user of Redis, with exactly
 * the rights that the code needs. A token is written to the file of `--token-file`, which only its owner may read, and never
 * printed. docs/access.md explains the steps of a rotation.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { APP_USER, aclRules, grantOf } from '../../src/platform/redis/access/index.ts';
import { adminAddress } from '../acl/address.ts';
import { AclError, addToken, applyUser, checkUser, fenceUser, retireToken, type UserPlace } from '../acl/manage.ts';
import { messageOf } from '../cloud/errors.ts';

const MODES = ['print', 'check', 'apply', 'add-token', 'retire-token', 'fence'] as const;
type Mode = (typeof MODES)[number];

const flag = { type: 'boolean', default: false } as const;

function readArguments(): { mode: Mode; user: string; file: string | undefined } {
  const { values } = parseArgs({
    options: {
      ...{ print: flag, check: flag, apply: flag, 'add-token': flag, 'retire-token': flag, fence: flag },
      user: { type: 'string', default: APP_USER },
      'token-file': { type: 'string' },
    },
  });
  const [mode, ...more] = MODES.filter((each) => values[each]);
  if (mode === undefined || more.length > 0) {
    throw new AclError(`Give one of ${MODES.map((each) => `--${each}`).join(', ')}`);
  }
  if (!/^[\w-]+$/.test(values.user) || values.user === 'default') {
    throw new AclError('--user is a name of letters, digits, - and _, and not `default`');
  }
  return { mode, user: values.user, file: values['token-file'] };
}

function needed(file: string | undefined): string {
  if (file === undefined) throw new AclError('Give --token-file <path>: a token is never printed');
  return file;
}

async function keep(file: string, token: string): Promise<void> {
  // The flag refuses an existing file, so that no token is lost and no readable file gets one.
  await writeFile(file, `${token}\n`, { mode: 0o600, flag: 'wx' });
}

async function run(): Promise<void> {
  const { mode, user, file } = readArguments();
  const grant = grantOf();
  if (mode === 'print') {
    console.log(`ACL SETUSER ${user} ${aclRules(grant).join(' ')}`);
    return;
  }
  const place: UserPlace = { address: await adminAddress(process.env), user, grant };
  switch (mode) {
    case 'check': {
      const { tokens } = await checkUser(place);
      console.log(`${user} has exactly the rights of the code: ${grant.commands.length} commands; tokens: ${tokens}`);
      return;
    }
    case 'apply': {
      const isNew = await applyUser(place, (token) => keep(needed(file), token));
      console.log(`${user} has exactly the rights of the code: ${grant.commands.length} commands`);
      console.log(isNew ? `Its token is in ${file}` : 'Its tokens are unchanged');
      return;
    }
    case 'add-token': {
      const path = needed(file);
      await addToken(place, (token) => keep(path, token));
      console.log(`${user} has a second token, in ${path}: deploy with it, then retire the old one`);
      return;
    }
    case 'retire-token': {
      await retireToken(place, (await readFile(needed(file), 'utf8')).trim());
      console.log(`The token in ${file} is not valid any more`);
      return;
    }
    case 'fence': {
      await fenceUser(place);
      console.log(`${user} is off: this Redis refuses the app. \`--apply\` switches the user on again`);
    }
  }
}

try {
  await run();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
