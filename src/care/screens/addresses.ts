/** The addresses of the pages. They have ids and departments, and nothing else about a patient. */

const BASE = '/care/screens';

export const at = {
  home: '/care',
  board: (department?: string) => `${BASE}/board${search({ department })}`,
  hallway: (department?: string) => `${BASE}/hallway${search({ department })}`,
  patients: `${BASE}/patients`,
  patient: (id: string) => `${BASE}/patients/${part(id)}`,
  records: (id: string, cursor?: string) => `${BASE}/patients/${part(id)}/records${search({ cursor })}`,
  record: (id: string, recordId: string) => `${BASE}/patients/${part(id)}/records/${part(recordId)}`,
  consents: (id: string) => `${BASE}/patients/${part(id)}/consents`,
  accesses: (id: string, cursor?: string) => `${BASE}/patients/${part(id)}/accesses${search({ cursor })}`,
  emergency: (id: string, recordClass?: string) =>
    `${BASE}/patients/${part(id)}/break-glass${search({ class: recordClass })}`,
  team: (id: string) => `${BASE}/patients/${part(id)}/team`,
  staff: `${BASE}/staff`,
  staffOf: (id: string) => `${BASE}/staff/${part(id)}`,
  booking: (id: string) => `${BASE}/patients/${part(id)}/book`,
  days: (parts: { day?: string; department?: string } = {}) => `${BASE}/appointments${search(parts)}`,
  appointment: (id: string) => `${BASE}/appointments/${part(id)}`,
  accounts: (id: string) => `${BASE}/patients/${part(id)}/accounts`,
  account: (id: string, parts: { cursor?: string; posted?: string; other?: string } = {}) =>
    `${BASE}/accounts/${part(id)}${search(parts)}`,
  ledger: `${BASE}/ledger`,
  exports: (id: string) => `${BASE}/patients/${part(id)}/exports`,
  exported: (id: string, exportId: string) => `${BASE}/patients/${part(id)}/exports/${part(exportId)}`,
  emergencies: (parts: { state?: string; cursor?: string } = {}) => `${BASE}/break-glass${search(parts)}`,
  confirm: (id: string) => `${BASE}/break-glass/${part(id)}/confirm`,
};

/**
 * Returns an id as a part of a path. A name that begins with a colon belongs to the pattern of a route, and stays as it
 * is.
 */
function part(id: string): string {
  return id.startsWith(':') ? id : encodeURIComponent(id);
}

/** Returns the query of an address, without the parts that are missing. */
function search(parts: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(parts).filter((part): part is [string, string] => part[1] !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}

const SITE = 'http://care';

/** Returns the page that a form names, if it is a page of the care area. */
export function backTo(back: string | undefined): string {
  const given = back ? URL.parse(back, SITE) : null;
  const isOurs = given?.origin === SITE && /^\/care(\/screens\/.*)?$/.test(given.pathname);
  return isOurs ? `${given.pathname}${given.search}` : at.home;
}

/** Returns an address with a part of its query changed. */
export function withPart(address: string, name: string, value: string): string {
  const url = new URL(address, SITE);
  url.searchParams.set(name, value);
  return `${url.pathname}${url.search}`;
}
