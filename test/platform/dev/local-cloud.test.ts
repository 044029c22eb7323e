/** The whole local cloud: every part answers, a failing part is named, and after closing no server listens. */
import { Client } from '@upstash/qstash';
import { Redis } from '@upstash/redis';
import pg from 'pg';
import { expect, test } from 'vitest';
import { applicationDatabase } from '../../../dev/cloud/database-setup.ts';
import { startLocalCloud } from '../../../dev/cloud/local-cloud.ts';
import { startMail } from '../../../dev/mail/server.ts';
import { startRedis } from '../../../dev/redis/server.ts';

test('every part answers, and no part after closing', async () => {
  const cloud = await startLocalCloud();
  const database = new pg.Client({ connectionString: cloud.postgres.url });
  const qstash = new Client({ baseUrl: cloud.qstash.url, token: cloud.qstash.token, retry: false });
  try {
    expect(await new Redis(cloud.redisRest).set('k', 'v')).toBe('OK');
    await database.connect();
    expect((await database.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
    await database.end();
    expect((await qstash.dlq.listMessages()).messages).toEqual([]);
    expect((await fetch(cloud.mail.url)).status).toBe(200);
    expect(cloud.demoKey).toBeNull();
  } finally {
    await Promise.all([cloud.close(), cloud.close()]);
  }
  for (const { url } of [cloud.redisRest, cloud.qstash, cloud.mail]) await expect(fetch(url)).rejects.toThrow();
  await expect(new pg.Client({ connectionString: cloud.postgres.url }).connect()).rejects.toThrow(/ECONNREFUSED/);
});

test('the database of an application is migrated and seeded', async () => {
  const cloud = await startLocalCloud({ application: applicationDatabase });
  const database = new pg.Client({ connectionString: cloud.postgres.url });
  try {
    await database.connect();
    const { rows } = await database.query("SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = 'public'");
    expect(rows[0].n).toBeGreaterThan(1);
    expect(cloud.demoKey).toMatch(/./);
    await database.end();
  } finally {
    await cloud.close();
  }
});

test('a part that cannot start is named, and the others are stopped', async () => {
  const [redis, mail] = await Promise.all([startRedis(), startMail({ token: 'x' })]);
  await Promise.all([redis.close(), mail.close()]);
  const starting = startLocalCloud({
    redisUrl: redis.url,
    databaseUrl: 'postgres://unused',
    ports: { mail: mail.port },
  });
  await expect(starting).rejects.toMatchObject({ code: 'part_failed', part: 'redisRest' });
  await expect(starting).rejects.toThrow(/^redisRest: .*ECONNREFUSED/);
  await expect(fetch(mail.url)).rejects.toThrow();
});

test('an unreachable database is named', async () => {
  const starting = startLocalCloud({
    application: applicationDatabase,
    databaseUrl: 'postgres://postgres:postgres@127.0.0.1:1/postgres',
  });
  await expect(starting).rejects.toMatchObject({ code: 'part_failed', part: 'database' });
});
