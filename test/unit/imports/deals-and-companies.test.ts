/** Files of companies and deals: amounts, days, currencies, stages, domains and countries as other programs write them. */
import { describe, expect, test } from 'vitest';
import { planOf, readAll } from './reading.ts';

const deals = { kind: 'deals' } as const;
const companies = { kind: 'companies' } as const;
const dealsIn = (text: string) => readAll(text, deals).rows.map(({ values }) => values);
const amountsIn = (cells: string[]) =>
  dealsIn(`Deal Name\tAmount\n${cells.map((cell) => `D\t${cell}\n`).join('')}`).map((deal) => deal?.value);

describe('amounts', () => {
  test.each([
    ['1.234,50', '1234.50'],
    ['1,234.50', '1234.50'],
    ['1 234,50 kr', '1234.50'],
    ["CHF 1'200.-", '1200'],
    ['1\u202f200,00\u00a0€', '1200.00'],
    ['1.234.567', '1234567'],
    ['1200', '1200'],
    ['0.125', '0.125'],
    ['$1,200.00', '1200.00'],
    ['¥ 1200', '1200'],
    ['12,5', '12.5'],
    ['R$ 1.200,00', '1200.00'],
  ])('%s is %s', (cell, value) => {
    expect(amountsIn([cell])).toEqual([value]);
  });

  test('of one column have one decimal sign, which any of them settles', () => {
    expect(amountsIn(['1.200', '3,50'])).toEqual(['1200', '3.50']);
    expect(amountsIn(['1,200', '3.50'])).toEqual(['1200', '3.50']);
  });

  test('that settle nothing follow the separator and the language, and the plan asks', () => {
    const german = readAll('Titel;Betrag\nD;1.200\n', deals);
    expect(german.rows[0]?.values).toMatchObject({ value: '1200' });
    expect(german.plan.questions).toMatchObject([{ column: 'Betrag', code: 'DECIMALS_AMBIGUOUS' }]);
    expect(readAll('Deal Name,Amount\nD,"1,200"\n', deals).rows[0]?.values).toMatchObject({ value: '1200' });
  });

  test.each([
    ['(1200)', 'must not be negative'],
    ['-5', 'must not be negative'],
    ['4.479E+11', 'was shortened by a spreadsheet in “Amount”: format the column as text and export it again'],
    ['on request', 'is not an amount'],
  ])('%s is left out, with the reason', (cell, message) => {
    const [row] = readAll(`Deal Name,Amount\nD,${cell}\n`, deals).rows;
    expect(row).toEqual({ row: 2, values: { title: 'D' }, problems: [{ field: 'value', message }] });
  });

  test.each([
    ['Deal Name,Amount,Currency\nD,5,usd\n', 'USD'],
    ['Deal Name,Amount\nD,€ 5\n', 'EUR'],
    ['Deal Name,Amount\nD,CHF 5\n', 'CHF'],
    ['Deal Name,Amount\nD,$5\n', undefined],
    ['Deal Name,Amount\nD,5 kr\n', undefined],
  ])('%j have the currency %s', (text, currency) => {
    expect(dealsIn(text)[0]?.currency).toBe(currency);
  });
});

describe('days', () => {
  const daysIn = (cells: string[], name = 'Close Date') =>
    dealsIn(`Deal Name\t${name}\n${cells.map((cell) => `D\t${cell}\n`).join('')}`).map(
      (deal) => deal?.expectedCloseDate,
    );

  test.each([
    ['2026-11-20', '2026-11-20'],
    ['2026-11-20T09:30:00Z', '2026-11-20'],
    ['2026/11/20', '2026-11-20'],
    ['20.11.2026', '2026-11-20'],
    ['1.2.26', '2026-02-01'],
    ['28 Sep 2024', '2024-09-28'],
    ['7-Feb-22', '2022-02-07'],
    ['Sep 28, 2024', '2024-09-28'],
    ['31/12/1999', '1999-12-31'],
    ['12/31/1999', '1999-12-31'],
    ['2026年3月5日', '2026-03-05'],
    ['0/0/00', undefined],
    ['00/00/0000', undefined],
  ])('%s is %s', (cell, day) => {
    expect(daysIn([cell])).toEqual([day]);
  });

  test('of one column have one order, which any of them settles', () => {
    expect(daysIn(['3/4/2026', '13/4/2026'])).toEqual(['2026-04-03', '2026-04-13']);
    expect(daysIn(['3/4/2026', '4/13/2026'])).toEqual(['2026-03-04', '2026-04-13']);
  });

  test('that settle nothing follow the language; in English the plan asks', () => {
    expect(daysIn(['3/4/2026'], 'Datum uzavření')).toEqual(['2026-04-03']);
    const { plan, rows } = readAll('Deal Name,Close Date\nD,3/4/2026\n', deals);
    expect(rows[0]?.values).toMatchObject({ expectedCloseDate: '2026-04-03' });
    expect(plan.questions).toMatchObject([{ column: 'Close Date', code: 'DATES_AMBIGUOUS' }]);
  });

  test('of a system of the United States have the month first', () => {
    const text = 'Opportunity Name,Account Name,Stage,Amount,Close Date\nD,A,Closed Won,5,3/4/2026\n';
    expect(planOf(text, deals).system).toBe('Salesforce');
    expect(dealsIn(text)[0]).toMatchObject({ expectedCloseDate: '2026-03-04', stage: 'won' });
  });

  test('may have months in words of the language', () => {
    const german = 'Titel\tBetrag\tAbschlussdatum\nD\t\t3. März 2026\nD\t\t28. Sept. 2024\n';
    expect(dealsIn(german).map((deal) => deal?.expectedCloseDate)).toEqual(['2026-03-03', '2024-09-28']);
    const french = 'Affaire\tMontant\tDate de clôture\nD\t\t3 février 2026\n';
    expect(dealsIn(french)).toMatchObject([{ expectedCloseDate: '2026-02-03' }]);
  });

  test.each(['31.2.2026', 'soon', '13/13/2026'])('%s is left out, with the reason', (cell) => {
    const [row] = readAll(`Deal Name,Close Date\nD,${cell}\n`, deals).rows;
    expect(row?.problems).toEqual([{ field: 'expectedCloseDate', message: 'is not a day' }]);
  });
});

describe('deals', () => {
  test('of Pipedrive have their company, person, owner, stage and status', () => {
    const text =
      'Deal - ID,Deal - Title,Deal - Value,Deal - Currency,Deal - Stage,Deal - Status,Deal - Organization,' +
      'Deal - Contact person,Deal - Owner,Deal - Expected close date\n' +
      '1,Roof,1200,EUR,Proposal Made,Open,Harju Oy,Leena Harju,Mika S,2026-12-01\n' +
      '2,Door,5,EUR,Proposal Made,Lost,Harju Oy,,Mika S,\n';
    expect(planOf(text, deals)).toMatchObject({ system: 'Pipedrive', questions: [] });
    expect(dealsIn(text)).toEqual([
      {
        title: 'Roof',
        value: '1200',
        currency: 'EUR',
        stage: 'proposal',
        company: 'Harju Oy',
        contact: 'Leena Harju',
        owner: 'Mika S',
        expectedCloseDate: '2026-12-01',
      },
      { title: 'Door', value: '5', currency: 'EUR', stage: 'lost', company: 'Harju Oy', owner: 'Mika S' },
    ]);
  });

  test.each([
    ['Closed Won', 'won'],
    ['closedlost', 'lost'],
    ['Verloren', 'lost'],
    ['Contract Sent', 'negotiation'],
    ['Value Proposition', 'proposal'],
    ['Needs Analysis', 'qualified'],
    ['Prospecting', 'lead'],
    ['qualified', 'qualified'],
  ])('in the stage %s are %s', (cell, stage) => {
    expect(dealsIn(`Deal Name,Stage\nD,${cell}\n`)).toMatchObject([{ stage }]);
  });

  test('never have a weighted or expected amount', () => {
    const text = 'Deal Name,Weighted Amount,Expected Revenue,Annual Revenue,ACV\nRoof,1,2,3,4\n';
    expect(dealsIn(text)).toEqual([{ title: 'Roof' }]);
  });

  test('may have the plain name of a record', () => {
    expect(dealsIn('Id,Name,StageName,Amount,CloseDate\n006,Roof,Prospecting,5,2026-01-02\n')).toMatchObject([
      { title: 'Roof' },
    ]);
  });
});

describe('companies', () => {
  test('have their domain, industry, size, city and country', () => {
    const text =
      'Firma;Webseite;Branche;Mitarbeiter;Ort;Land;Kundenbetreuer\n' +
      'Müller AG;https://www.Mueller.example/de?x=1;Bau;1.200;Köln;Deutschland;Ada\n';
    expect(readAll(text, companies).rows).toEqual([
      {
        row: 2,
        values: {
          name: 'Müller AG',
          domain: 'mueller.example',
          industry: 'Bau',
          employees: 1200,
          city: 'Köln',
          country: 'DE',
          owner: 'Ada',
        },
        problems: [],
      },
    ]);
  });

  test.each([
    ['UK', 'GB'],
    ['us', 'US'],
    ['Czech Republic', 'CZ'],
    ['Netherlands', 'NL'],
    ['CH', 'CH'],
  ])('in %s have the code %s', (cell, country) => {
    expect(readAll(`Company,Country\nA,${cell}\n`, companies).rows[0]?.values).toMatchObject({ country });
  });

  test('keep their good fields beside bad ones', () => {
    const [row] = readAll('Company,Domain,Employees,Country\nA,none at all,11-50,Narnia\n', companies).rows;
    expect(row?.values).toEqual({ name: 'A' });
    expect(row?.problems.map(({ field }) => field)).toEqual(['domain', 'employees', 'country']);
  });

  test('of HubSpot, Zoho and Dynamics have their names', () => {
    const names = [
      'Company name,Company Domain Name,Company owner',
      'Account Name,Website,Account Owner.id',
      'Name,Domain,Notes',
    ];
    for (const header of names) {
      expect(readAll(`${header}\nAcme,acme.example,x\n`, companies).rows[0]?.values).toMatchObject({ name: 'Acme' });
    }
  });
});
