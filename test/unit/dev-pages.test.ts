/** The pages of the local cloud are light or dark as the system is, and have no colour for one of both alone. */
import { expect, test } from 'vitest';
import { homePage } from '../../dev/cloud/home-page.ts';
import { mailPage } from '../../dev/mail/page.ts';

const PAGES = {
  home: homePage({
    port: 8787,
    now: 0,
    mail: { url: 'http://mail.test' },
    qstash: { url: 'http://qstash.test' },
    demoKey: null,
    demo: null,
    demoFactor: null,
  }),
  mail: mailPage([]),
};

test.each(Object.entries(PAGES))('the page %s', (_name, page) => {
  expect(page).toContain(':root { color-scheme: light dark; }');
  expect(page.replaceAll(/light-dark\([^)]*\)/g, '')).not.toMatch(/: [^;{]*#[0-9a-f]{3}/);
});
