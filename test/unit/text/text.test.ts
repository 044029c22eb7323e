import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressForMail,
  addressPrefix,
  fold,
  normalAddress,
  normalDomain,
  normalLine,
  normalNote,
} from '../../../src/platform/text/index.ts';
import { anyText } from '../../support/any-text.ts';

describe('a line', () => {
  it.each([
    ['Zoe\u0301', 'Zoé'],
    ['\u212bngström', 'Ångström'],
    ['  Mary \u00a0\u3000 Jane\u202f', 'Mary Jane'],
    ['\u200f\u202aדוד\u202c', 'דוד'],
    ['\ufeffAda\u200b', 'Ada'],
    ['👩\u200d👧 می\u200cخواهم', '👩\u200d👧 می\u200cخواهم'],
    ['Ada\nLovelace', 'Ada\nLovelace'],
    [' \u200b\u00a0 ', ''],
  ])('%j is stored as %j', (text, stored) => {
    expect(normalLine(text)).toBe(stored);
  });
  it('stays the same when it is stored again', () => {
    fc.assert(fc.property(anyText({ maxLength: 12 }), (text) => normalLine(normalLine(text)) === normalLine(text)));
  });
});

describe('a text of several lines', () => {
  it('is stored in NFC with one kind of line end', () => {
    expect(normalNote('\ufeff e\u0301\r\nb\rc\n')).toBe('é\nb\nc');
  });
  it('stays the same when it is stored again', () => {
    fc.assert(fc.property(anyText({ maxLength: 12 }), (text) => normalNote(normalNote(text)) === normalNote(text)));
  });
});

describe('names are compared', () => {
  it.each([
    ['Zoé', 'zoe\u0301'],
    ['ＡＣＭＥ　Ｉｎｃ', 'acme inc'],
    ['ﬁnance', 'Finance'],
    ['ΟΔΥΣΣΕΥΣ', 'Οδυσσεύς'.replace('ύ', 'υ')],
    ['İstanbul', 'istanbul'],
    [' Café \u00a0 Zoé', 'CAFÉ ZOÉ'],
  ])('without a difference between %j and %j', (one, other) => {
    expect(fold(one)).toBe(fold(other));
  });
  it.each([
    ['Zoé', 'Zoe'],
    ['Müller', 'Muller'],
    ['Straße', 'Strasse'],
  ])('with a difference between %j and %j', (one, other) => {
    expect(fold(one)).not.toBe(fold(other));
  });
});

describe('an address', () => {
  it.each([
    ['Info@BÜCHER.example', 'info@bücher.example'],
    ['info@xn--bcher-kva.example', 'info@bücher.example'],
    ['info@bu\u0308cher.example', 'info@bücher.example'],
    ['JOSE\u0301@Cell.Example', 'josé@cell.example'],
    ['\u00a0ada@acme.example\u200b', 'ada@acme.example'],
    ['用户@例子.公司', '用户@例子.公司'],
    ['ada@ｆｕｌｌ．example', 'ada@full.example'],
    ["o'brien+news@x.co", "o'brien+news@x.co"],
    ['sales&more@x.example', 'sales&more@x.example'],
    // A domain whose written form is no domain for us stays in ASCII.
    ['a@xn--ls8h.example', 'a@xn--ls8h.example'],
  ])('%j has the normal form %j', (text, normal) => {
    expect(normalAddress(text)).toBe(normal);
    expect(normalAddress(normal)).toBe(normal);
  });

  it.each([
    ...[
      '',
      '@',
      'ada',
      'ada@',
      '@x.example',
      'ada@x',
      'a b@x.example',
      'a@b@x.example',
      '.a@x.example',
      'a.@x.example',
    ],
    ...['a..b@x.example', '"a"@x.example', 'a@x.example:80', 'a@x.example/b', 'a@1.2.3.4', 'a@[::1]', 'a@-x.example'],
    ...['a@x_y.example', 'a@x.example.', 'a@%61.example', 'Ada <ada@x.example>', 'a\n@x.example', 'a\ufffd@x.example'],
    ...['a@b\ufffd.example', 'a\u202e@x.example', `${'a'.repeat(250)}@x.example`, `${'é'.repeat(125)}@x.example`],
    `a@${'b'.repeat(64)}.example`,
  ])('%j is refused', (text) => {
    expect(normalAddress(text)).toBeNull();
  });

  it('keeps its normal form, whatever it was made from', () => {
    const address = fc.tuple(anyText({ maxLength: 6 }), fc.constantFrom('bücher.example', 'İx.example', 'ΣΑΣ.example'));
    fc.assert(
      fc.property(address, ([local, domain]) => {
        const normal = normalAddress(`${local}@${domain}`);
        return normal === null || normalAddress(normal) === normal;
      }),
    );
  });

  it('is sent with its domain in ASCII', () => {
    expect(addressForMail('josé@bücher.example')).toBe('josé@xn--bcher-kva.example');
    expect(addressForMail('ada@acme.example')).toBe('ada@acme.example');
    expect(addressForMail('no address')).toBe('no address');
  });

  it('is found by its beginning, and in each spelling if it is whole', () => {
    expect(addressPrefix('INFO@BU\u0308')).toBe('info@bü');
    expect(addressPrefix('info@xn--bcher-kva.example')).toBe('info@bücher.example');
  });
});

describe('a domain', () => {
  it.each([
    ['Acme.EXAMPLE', 'acme.example'],
    ['xn--bcher-kva.example', 'bücher.example'],
    [' bu\u0308cher.example', 'bücher.example'],
  ])('%j has the normal form %j', (text, normal) => {
    expect(normalDomain(text)).toBe(normal);
  });
  it.each(['acme', 'https://acme.example', 'acme.example/x', '10.0.0.1', 'a b.example', ''])(
    '%j is refused',
    (text) => {
      expect(normalDomain(text)).toBeNull();
    },
  );
});
