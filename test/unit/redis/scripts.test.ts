/**
 * Every Lua script of the platform is valid Lua 5.1, uses no global but those that Redis gives it, and names its
 * arguments where it begins.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Node, parse } from 'luaparse';
import { beforeAll, describe, expect, test } from 'vitest';
import { declaredScripts } from '../../../src/platform/redis/script.ts';

const SRC = join(import.meta.dirname, '../../../src');
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.includes('generated'))
  .map((path) => ({ path: join(SRC, path), source: readFileSync(join(SRC, path), 'utf8') }));
/** Files that declare scripts, and how many: `const … = script<…>(` or `jobScript<…>(`. */
const declaring = files
  .map(({ path, source }) => ({
    path,
    count: [...source.matchAll(/^(?:export )?const \w+ = (?:job)?[sS]cript</gm)].length,
  }))
  .filter(({ count }) => count > 0);

/** The globals that Redis gives a script, and the standard library of Lua. */
const GLOBALS = [
  'ARGV',
  'KEYS',
  'cjson',
  'ipairs',
  'math',
  'pairs',
  'redis',
  'string',
  'table',
  'tonumber',
  'tostring',
  'unpack',
];

/** The script's text without the line that names the engine and its flags. */
function luaOf(text: string): string {
  return text.replace(/^#!lua[^\n]*\n/, '');
}

/** The positions of ARGV and KEYS that a script uses elsewhere than where it gives them a name. */
function unnamedIn(lua: string): string[] {
  const unnamed: string[] = [];
  const walk = (node: unknown, place: { isNaming: boolean; isTop: boolean }): void => {
    if (Array.isArray(node)) {
      for (const each of node) walk(each, place);
      return;
    }
    if (node === null || typeof node !== 'object' || !('type' in node)) return;
    const one = node as Node;
    if (one.type === 'IndexExpression' && one.base.type === 'Identifier' && /^(ARGV|KEYS)$/.test(one.base.name)) {
      const isFixed = one.index.type === 'NumericLiteral';
      const mustBeNamed = isFixed || one.base.name === 'ARGV';
      if (mustBeNamed && !(place.isNaming && (place.isTop || !isFixed))) {
        unnamed.push(`${one.base.name}[${one.index.type === 'NumericLiteral' ? one.index.raw : '…'}]`);
      }
    }
    const isBlock = /Statement$|Clause$|FunctionDeclaration/.test(one.type) && one.type !== 'LocalStatement';
    const inside = {
      isNaming: one.type === 'LocalStatement' || (place.isNaming && !isBlock),
      isTop: place.isTop && !isBlock,
    };
    for (const child of Object.values(one)) walk(child, inside);
  };
  walk(parse(lua, { luaVersion: '5.1', comments: false }).body, { isNaming: false, isTop: true });
  return unnamed;
}

describe('every script', () => {
  beforeAll(async () => {
    for (const { path } of declaring) await import(pathToFileURL(path).href);
  });

  test('that the sources declare is read here, under a name of its own', () => {
    const declared = declaring.reduce((sum, { count }) => sum + count, 0);
    expect(declared).toBeGreaterThan(40);
    expect(declaredScripts().size).toBe(declared);
  });

  test('is valid Lua 5.1', () => {
    for (const { name, text } of declaredScripts().values()) {
      expect(() => parse(luaOf(text), { luaVersion: '5.1' }), name).not.toThrow();
    }
  });

  test('uses no global variable that Redis does not give it', () => {
    for (const { name, text } of declaredScripts().values()) {
      const chunk = parse(luaOf(text), { luaVersion: '5.1', scope: true }) as { globals?: { name: string }[] };
      const globals = (chunk.globals ?? []).map((global) => global.name);
      expect(globals, name).toContain('redis');
      expect(
        globals.filter((global) => !GLOBALS.includes(global)),
        name,
      ).toEqual([]);
    }
  });

  test('names the arguments at fixed positions where it begins, and the others where it takes them', () => {
    for (const { name, text } of declaredScripts().values()) expect(unnamedIn(luaOf(text)), name).toEqual([]);
  });
});

describe('the check of arguments', () => {
  test.each([
    ['local sid, now = KEYS[1], tonumber(ARGV[1])', []],
    ["return redis.call('GET', KEYS[1])", ['KEYS[1]']],
    ["local value = redis.call('GET', KEYS[1])\nreturn ARGV[2]", ['ARGV[2]']],
    ['for i = 1, 2 do local ttl = ARGV[2 * i] end', []],
    ['for i = 1, 2 do local ttl = ARGV[1] end', ['ARGV[1]']],
    ["for i = 1, 2 do redis.call('SET', KEYS[i], ARGV[2 * i]) end", ['ARGV[…]']],
    ['local function set() return ARGV[1] end', ['ARGV[1]']],
  ])('%s', (lua, unnamed) => {
    expect(unnamedIn(lua)).toEqual(unnamed);
  });
});
