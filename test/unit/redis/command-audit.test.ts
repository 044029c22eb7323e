/** The audit of commands: names, families, tenants and counts, and never an argument. */
import { expect, test } from 'vitest';
import { auditOf } from '../../../src/platform/redis/command-audit.ts';
import { isText, key, script } from '../../../src/platform/redis/index.ts';

const secret = 'hf:secret:s:value';
const of = (tenant: string, family: 'entry' | 'sessions' | 'item') => key(tenant, family, 'one');

test('groups commands by name, family and tenant', () => {
  const commands = [
    ['MGET', of('acme', 'entry'), of('acme', 'item'), of('globex', 'entry')],
    ['get', of('acme', 'entry')],
    ['GET', of('acme', 'entry')],
    ['PING'],
    ['INFO', 'memory'],
  ];
  expect(auditOf(commands)).toEqual([
    { command: 'MGET', family: 'entry', tenant: 'acme', count: 1 },
    { command: 'MGET', family: 'item', tenant: 'acme', count: 1 },
    { command: 'MGET', family: 'entry', tenant: 'globex', count: 1 },
    { command: 'GET', family: 'entry', tenant: 'acme', count: 2 },
    { command: 'PING', family: 'none', tenant: '-', count: 1 },
    { command: 'INFO', family: 'none', tenant: '-', count: 1 },
  ]);
});

test('names a script by its name, with the places of its keys', () => {
  const { sha1 } = script('test.audited', '-- ARGV[1]: any text\nreturn ARGV[1]', { isReply: isText });
  expect(auditOf([['EVALSHA', sha1, 2, of('acme', 'item'), of('acme', 'entry'), secret]])).toEqual([
    { command: 'test.audited', family: 'item', tenant: 'acme', count: 1 },
    { command: 'test.audited', family: 'entry', tenant: 'acme', count: 1 },
  ]);
});

test('has no argument: no value, no field, no key of another form, no name that is a text', () => {
  const commands = [
    ['SET', of('acme', 'item'), secret],
    ['HSET', of('acme', 'sessions'), secret, secret],
    ['GET', 'a user’s text'],
    [secret, of('acme', 'item')],
    ['EVAL', 'return 1', 0, secret],
  ];
  const audited = auditOf(commands);
  expect(audited.map(({ command, family }) => [command, family])).toEqual([
    ['SET', 'item'],
    ['HSET', 'sessions'],
    ['GET', 'other'],
    ['other', 'item'],
    ['EVAL', 'none'],
  ]);
  expect(JSON.stringify(audited)).not.toMatch(/secret|value|user/);
});
