/**
 * The rules of `ACL SETUSER` as Upstash takes them, and the rights that they give. The REST server checks these rights
 * itself for an engine without users. A real Redis checks the rights of its own users.
 */

/** The rights of a user. */
export interface Rights {
  isOn: boolean;
  tokens: Set<string>;
  commands: 'all' | Set<string>;
  keys: string[];
  channels: string[];
}

/** The error of a rule; the message is the reply. */
export class RuleError extends Error {
  readonly code = 'acl_rule';
}

/** Returns a user without any right. */
export function noRights(): Rights {
  return { isOn: false, tokens: new Set(), commands: new Set(), keys: [], channels: [] };
}

/**
 * Applies rules from left to right.
 *
 * @param isIssued checks whether `ACL GENTOKEN` has made a token for this user
 * @param engineHasUsers true if the engine applies the rules too, and so knows the categories of commands
 * @throws RuleError if Upstash refuses a rule, or if the rule needs an engine with users
 */
export function applyRules(
  before: Rights,
  rules: readonly string[],
  isIssued: (token: string) => boolean,
  engineHasUsers: boolean,
): Rights {
  const rights: Rights = { ...before, tokens: new Set(before.tokens) };
  for (const rule of rules) applyRule(rights, rule, isIssued, engineHasUsers);
  return rights;
}

const PLAIN: Readonly<Record<string, (rights: Rights) => void>> = {
  on: (rights) => {
    rights.isOn = true;
  },
  off: (rights) => {
    rights.isOn = false;
  },
  reset: (rights) => void Object.assign(rights, noRights()),
  resetpass: (rights) => rights.tokens.clear(),
  resetkeys: (rights) => {
    rights.keys = [];
  },
  resetchannels: (rights) => {
    rights.channels = [];
  },
  allkeys: (rights) => {
    rights.keys = ['*'];
  },
  allchannels: (rights) => {
    rights.channels = ['*'];
  },
  allcommands: (rights) => {
    rights.commands = 'all';
  },
  '+@all': (rights) => {
    rights.commands = 'all';
  },
  nocommands: (rights) => {
    rights.commands = new Set();
  },
  '-@all': (rights) => {
    rights.commands = new Set();
  },
};

function applyRule(rights: Rights, rule: string, isIssued: (token: string) => boolean, engineHasUsers: boolean): void {
  const plain = PLAIN[rule.toLowerCase()];
  if (plain) {
    plain(rights);
    return;
  }
  const [sign, rest] = [rule.charAt(0), rule.slice(1)];
  switch (sign) {
    case '>':
      if (!isIssued(rest)) throw refusal('a password', 'must come from ACL GENTOKEN');
      rights.tokens.add(rest);
      return;
    case '<':
      if (!rights.tokens.delete(rest)) throw refusal('a password', 'is not one of the user');
      return;
    case '~':
      rights.keys = [...rights.keys, rest];
      return;
    case '&':
      rights.channels = [...rights.channels, rest];
      return;
    case '+':
    case '-':
      if (rest.includes('|')) throw refusal(`'${rule}'`, 'subcommand rules are not supported');
      if (rest.startsWith('@') && !engineHasUsers) throw refusal(`'${rule}'`, 'the local Redis has only @all');
      rights.commands = changed(rights.commands, sign === '+', rest.toUpperCase());
      return;
    default:
      throw refusal(`'${/^[a-z]+$/i.test(rule) ? rule : sign}'`, 'is not supported');
  }
}

function changed(commands: Rights['commands'], adds: boolean, name: string): Rights['commands'] {
  if (commands === 'all') {
    if (adds) return 'all';
    throw refusal(`'-${name.toLowerCase()}'`, 'the local Redis takes no command from all of them');
  }
  const changed = new Set(commands);
  if (adds) changed.add(name);
  else changed.delete(name);
  return changed;
}

/** A password is never a part of the text. */
function refusal(modifier: string, reason: string): RuleError {
  return new RuleError(`ERR Error in ACL SETUSER modifier ${modifier}: ${reason}`);
}
