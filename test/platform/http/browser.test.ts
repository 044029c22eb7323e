/** Headers for browsers: CORS by configuration, and headers that keep pages from using our answers. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestApp } from '../../support/app.ts';

const friend = 'https://app.example';

let closed: ReturnType<typeof createTestApp>;
let open: ReturnType<typeof createTestApp>;
beforeAll(() => {
  closed = createTestApp();
  open = createTestApp({ environment: { CORS_ORIGINS: friend } });
});
afterAll(() => Promise.all([closed.close(), open.close()]));

const preflight = (origin: string) => ({
  method: 'OPTIONS',
  key: null,
  headers: { origin, 'access-control-request-method': 'PATCH', 'access-control-request-headers': 'content-type' },
});

describe('CORS', () => {
  test('no other origin is allowed by default', async () => {
    const asked = await closed.request('/deals', preflight(friend));
    expect(asked.headers.get('access-control-allow-origin')).toBeNull();
    const read = await closed.request('/deals', { headers: { origin: friend } });
    expect(read.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('a configured origin is allowed with cookies and reads our headers; another is not', async () => {
    const asked = await open.request('/deals', preflight(friend));
    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-origin')).toBe(friend);
    expect(asked.headers.get('access-control-allow-credentials')).toBe('true');
    expect(asked.headers.get('access-control-allow-methods')).toContain('PATCH');
    expect(asked.headers.get('access-control-allow-headers')).toBe(
      'Authorization,Content-Type,Idempotency-Key,If-Match,If-None-Match,If-Unmodified-Since,X-Request-Id',
    );
    const read = await open.request('/deals?limit=1', { headers: { origin: friend } });
    expect(read.headers.get('access-control-expose-headers')).toMatch(/RateLimit.*Server-Timing/);
    for (const name of ['ETag', 'Idempotency-Replayed']) {
      expect(read.headers.get('access-control-expose-headers')).toMatch(new RegExp(`\\b${name}\\b`));
    }
    expect(read.headers.get('vary')).toMatch(/origin/i);
    const stranger = await open.request('/deals?limit=1', { headers: { origin: `${friend}.evil.example` } });
    expect(stranger.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('security headers', () => {
  test.each(['/health', '/deals?limit=1', '/nowhere'])('%s is only data for a browser', async (path) => {
    const { headers } = await closed.request(path);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    for (const never of ['object-src', 'base-uri', 'frame-ancestors', 'form-action']) {
      expect(headers.get('content-security-policy')).toContain(`${never} 'none'`);
    }
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('strict-transport-security')).toMatch(/max-age=\d{8}/);
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
  });

  test('an answer to a delivery of QStash is stored by no cache, and no browser guesses its type', async () => {
    const { status, headers } = await closed.request('/jobs/run/example', { method: 'POST', key: null, body: '{}' });
    expect(status).toBe(401);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });

  test('the documentation page runs only its own script', async () => {
    const response = await closed.request('/docs', { key: null });
    const policy = response.headers.get('content-security-policy') ?? '';
    const inline = [...(await response.text()).matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, text = '']) => text);
    expect(inline).toHaveLength(1);
    const hash = createHash('sha256')
      .update(inline[0] ?? '')
      .digest('base64');
    expect(policy).toBe(
      `default-src 'self'; script-src 'self' 'sha256-${hash}'; style-src 'self' 'unsafe-inline'; ` +
        "img-src 'self' data:; object-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    );
  });
});
