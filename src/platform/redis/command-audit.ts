/**
 * Describes the commands of a request for an audit: their names, and the families and tenants of their keys, with counts.
 * Arguments other than keys are not looked at, and of a key only the tenant and the family.
 */
import { callNames } from './commands.ts';
import { familyOf } from './nature.ts';

/** Equal commands of a request. */
export interface AuditedCommands {
  /** The name: `MGET`, or a script's name such as `lease.fill`. */
  command: string;
  /** The family of the keys; `other` for a key that is not Holdfast's, and `none` for a command without keys. */
  family: string;
  /** The tenant of the keys; `-` if the keys belong to no tenant. */
  tenant: string;
  /** The number of commands. A command with keys of several families or tenants counts once for each. */
  count: number;
}

/** Commands whose arguments are all keys. */
const ALL_KEYS = new Set(['MGET', 'DEL', 'UNLINK', 'EXISTS']);
/** Commands without a key. */
const NO_KEYS = new Set(['PING', 'INFO', 'TIME', 'SCAN', 'DBSIZE', 'CONFIG']);

/** Returns the commands, grouped by name, family and tenant. */
export function auditOf(commands: readonly (readonly unknown[])[]): AuditedCommands[] {
  const groups = new Map<string, AuditedCommands>();
  for (const each of commands) {
    const [command = 'other'] = callNames([each]).keys();
    for (const place of new Set(keysOf(each).map(placeOf))) {
      const [family = '', tenant = ''] = place.split(' ');
      const id = `${command} ${place}`;
      const group = groups.get(id) ?? { command, family, tenant, count: 0 };
      groups.set(id, group);
      group.count += 1;
    }
  }
  return [...groups.values()];
}

function keysOf([name, first, second, ...rest]: readonly unknown[]): readonly (string | null)[] {
  const command = String(name).toUpperCase();
  if (NO_KEYS.has(command) || first === undefined) return [null];
  if (ALL_KEYS.has(command)) return [first, second, ...rest].filter((key) => key !== undefined).map(String);
  if (command === 'EVAL' || command === 'EVALSHA') {
    const keys = rest.slice(0, Number(second)).map(String);
    return keys.length === 0 ? [null] : keys;
  }
  return [String(command === 'MEMORY' ? second : first)];
}

/** Returns the family and the tenant of a key. A key of another form may be a user's text, so nothing of it is kept. */
function placeOf(key: string | null): string {
  if (key === null) return 'none -';
  const family = familyOf(key);
  return family === undefined ? 'other -' : `${family} ${key.split(':', 2)[1]}`;
}
