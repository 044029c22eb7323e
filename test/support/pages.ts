/** Pages in a browser without scripts: a user reads them, fills in forms, presses buttons and is redirected. */
import { expect } from 'vitest';
import type { Browser } from './people.ts';

/** A page. */
export interface ShownPage {
  status: number;
  /** The path of the page after all redirects. */
  path: string;
  html: string;
  headers: Headers;
}

const MOST_REDIRECTS = 5;

/** The policy of pages with scripts of their own site, sorted. */
const POLICY = [
  "base-uri 'none'",
  "connect-src 'self'",
  "default-src 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "img-src 'self'",
  "require-trusted-types-for 'script'",
  "script-src 'self'",
  "style-src 'self'",
  'trusted-types markup',
];

/** Expects that a page forbids inline scripts and styles, has none, and is stored by no cache. */
export function expectStrict({ html, headers }: Pick<ShownPage, 'html' | 'headers'>): void {
  expect(headers.get('cache-control')).toBe('no-store');
  expect(html).not.toMatch(/<script(?![^>]* src=)|<style|\son\w+=|\sstyle=|hx-on/);
  expect(headers.get('content-security-policy')?.split('; ').toSorted()).toEqual(POLICY);
}

/** Opens a path and follows redirects. */
export async function open(browser: Browser, path: string): Promise<ShownPage> {
  return follow(browser, path, await browser.request(path));
}

/** Fills in the form of a page that has the button with this label, and presses it. */
export function press(
  browser: Browser,
  page: ShownPage,
  label: string,
  values: Record<string, string> = {},
): Promise<ShownPage> {
  for (const [, attributes = '', inside = ''] of page.html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)) {
    const button = [...inside.matchAll(/<button\b([^>]*)>([^<]*)<\/button>/g)].find(([, , text]) => text === label);
    if (!button) continue;
    if (attribute(attributes, 'method') !== 'post') throw new Error('The form is not sent by POST');
    const form = new URLSearchParams();
    for (const [, input = ''] of inside.matchAll(/<input\b([^>]*)>/g)) {
      const name = attribute(input, 'name') ?? '';
      form.set(name, values[name] ?? attribute(input, 'value') ?? '');
    }
    const unknown = Object.keys(values).filter((name) => !form.has(name));
    if (unknown.length > 0) throw new Error(`The form has no field ${unknown.join(', ')}`);
    const action = attribute(button[1] ?? '', 'formaction') ?? attribute(attributes, 'action') ?? page.path;
    return browser.request(action, { form }).then((response) => follow(browser, action, response));
  }
  throw new Error(`The page has no button "${label}"`);
}

async function follow(browser: Browser, path: string, response: Response, redirects = 0): Promise<ShownPage> {
  const location = response.headers.get('location');
  if (response.status !== 303 || location === null) {
    return { status: response.status, path, html: await response.text(), headers: response.headers };
  }
  if (redirects === MOST_REDIRECTS) throw new Error('The redirects do not end');
  return follow(browser, location, await browser.request(location), redirects + 1);
}

function attribute(text: string, name: string): string | undefined {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(text)?.[1];
  return value
    ?.replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
