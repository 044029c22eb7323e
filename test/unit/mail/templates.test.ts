/** Mails have the same content as text and HTML, link only to the application, and carry no message of other people. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  invitation,
  type MailContent,
  MailError,
  nameOrganization,
  passwordChanged,
  signInCode,
  signInLink,
  welcome,
} from '../../../src/platform/mail/index.ts';
import { anyText } from '../../support/any-text.ts';

const app = { name: 'Holdfast', url: 'https://app.example' };
const at = new Date('2026-11-20T09:30:45Z');
const ready = { organization: 'Acme', passwordEnded: false, path: '/welcome' };

/** Every template, with one text that another user chose. */
const templates: Record<string, (chosen: string) => MailContent> = {
  'sign-in code': () => signInCode(app, { code: '01234567', lifeMs: 600_000, slug: 'acme' }),
  'sign-in link': () => signInLink(app, { path: '/sign-in?code=abc', lifeMs: 3_600_000 }),
  invitation: (chosen) =>
    invitation(app, {
      inviter: chosen,
      organization: chosen,
      slug: 'acme',
      path: '/sign-in?tenant=acme&invitation=abc',
      lifeMs: 86_400_000,
    }),
  welcome: (chosen) => welcome(app, { ...ready, name: chosen, organization: chosen }),
  'password changed': (chosen) => passwordChanged(app, { at, device: chosen, path: '/password/reset' }),
};

const linksOf = (text: string) => text.match(/[a-z]+:\/\/[^\s"<>]+/gi) ?? [];

describe.each(Object.entries(templates))('%s', (_name, make) => {
  test('is a subject on one line, a text and a page, and links only to the application', () => {
    const mail = make('Ana Ruiz');
    expect(mail.subject).toMatch(/^[^\r\n]{5,120}$/);
    for (const body of [mail.text, mail.html]) {
      const links = linksOf(body);
      expect(links.length).toBeGreaterThan(0);
      for (const link of links) expect(new URL(link.replaceAll('&amp;', '&')).origin).toBe(app.url);
    }
    expect(mail.html).toMatch(/^<!doctype html>/);
    expect(mail.html).not.toMatch(/<(script|img|link|iframe|form)\b/i);
  });

  test('no name adds line breaks, tags, links or unlimited length', () => {
    const tame = make('Ana');
    const tags = tame.html.match(/<[^>]*>/g)?.map((tag) => tag.replace(/"[^"]*"/g, '""'));
    const hostile = fc.oneof(
      anyText({ maxLength: 300 }),
      fc.constantFrom(
        '<script>alert(1)</script>',
        '"><img src=x onerror=alert(1)>',
        "' onmouseover='alert(1)",
        'Ana\r\nBcc: victim@example.com',
        'Ana\u2028X-Evil: 1',
        'https://evil.example/login',
        'evil.example',
        'www.evil.example/a',
        'Ana http:/\u200b/evil.example',
        'javascript:alert(1)',
        '\u202Emoc.live\u202C',
        'call +1 234 now '.repeat(40),
        '&lt;b&gt;',
        'a.'.repeat(200),
        '😀'.repeat(200),
      ),
    );
    fc.assert(
      fc.property(hostile, (chosen) => {
        const mail = make(chosen);
        expect(mail.subject).not.toMatch(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u);
        expect(mail.subject.length).toBeLessThanOrEqual(250);
        expect(mail.text.split('\n').length).toBe(tame.text.split('\n').length);
        // The same tags as for a harmless name, attributes included.
        const [first, ...others] = mail.html.match(/<[^>]*>/g)?.map((tag) => tag.replace(/"[^"]*"/g, '""')) ?? [];
        expect([first, ...others]).toEqual(tags);
        for (const body of [mail.subject, mail.text, mail.html]) {
          for (const link of linksOf(body)) expect(link.startsWith(`${app.url}`)).toBe(true);
          expect(body).not.toMatch(/evil\.example|www\.\w|javascript:\w|[\u202A-\u202E]/);
        }
      }),
    );
  });
});

test('a code is in the text and the HTML with its lifetime, but not in the subject', () => {
  const mail = signInCode(app, { code: '01234567', lifeMs: 600_000, slug: 'acme' });
  expect(mail.subject).not.toContain('01234567');
  expect(mail.text).toMatch(/^ {4}01234567$/m);
  expect(mail.html).toContain('<strong>01234567</strong>');
  expect(mail.text).toContain('for 10 minutes');
});

test('a sign-in code names its organization; a mail to someone who has to choose names all of them', () => {
  expect(signInCode(app, { code: '01234567', lifeMs: 600_000, slug: 'acme' }).text).toContain('the organization acme:');
  const { text } = nameOrganization(app, { slugs: ['acme', 'aaa-evil'], path: '/sign-in' });
  expect(text).toContain('\n\nacme, aaa-evil\n\n');
  expect(text).not.toMatch(/\d{8}/);
});

describe('an invitation', () => {
  const mail = { inviter: 'Ana & Co', organization: 'Acme <GmbH>', slug: 'acme', path: '/sign-in?tenant=acme' };

  test('names the inviter, the organization and its slug', () => {
    const { subject, text, html } = invitation(app, { ...mail, lifeMs: 7 * 86_400_000 });
    expect(subject).toBe('Ana & Co invites you to Acme <GmbH>');
    expect(text).toContain('Accept the invitation:\nhttps://app.example/sign-in?tenant=acme\n');
    expect(text).toContain('works once, for 7 days');
    expect(text).toContain('the organization acme');
    expect(html).toContain('Ana &amp; Co invites you to work in Acme &lt;GmbH&gt; on Holdfast.');
    expect(html).toContain('<a href="https://app.example/sign-in?tenant=acme"');
  });

  test('without a code does not mention one', () => {
    const { text } = invitation(app, { ...mail, lifeMs: null });
    expect(text).toContain('Sign in:\nhttps://app.example/sign-in?tenant=acme\n');
    expect(text).not.toContain('works once');
  });
});

test('a notice gives the time and the device', () => {
  const { text } = passwordChanged(app, { at, device: 'Firefox on Linux', path: '/account' });
  expect(text).toContain('2026-11-20 09:30 UTC with Firefox on Linux');
  expect(text).toContain('https://app.example/account');
});

test.each([
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example',
  'javascript:alert(1)',
  'http://app.example/',
  'https://[',
  'data:text/html,x',
])('a link to %s is refused', (path) => {
  expect(() => passwordChanged(app, { at, device: 'x', path })).toThrow(MailError);
});

test('names in all alphabets stay unchanged, and a dot does not turn a name into a link', () => {
  for (const name of ['Zoë Müller-Lüdenscheidt', '田中 花子', 'Владимир', "O'Brien", 'محمد علي', 'Dr. Who']) {
    expect(welcome(app, { ...ready, name }).text).toContain(`Hello ${name},`);
  }
  expect(welcome(app, { ...ready, name: 'evil․example﹒com' }).text).toContain('evil․\u2060example﹒\u2060com');
  expect(welcome(app, { ...ready, name: 'J.R.R. Tolkien' }).text).toContain('J.\u2060R.\u2060R. Tolkien');
});

test('a welcome mentions an ended password only if one ended', () => {
  const ended = /password chosen at sign-up in another browser is no longer valid/;
  expect(welcome(app, { ...ready, name: 'Ana', passwordEnded: true }).text).toMatch(ended);
  expect(welcome(app, { ...ready, name: 'Ana' }).text).not.toMatch(/password/);
});
