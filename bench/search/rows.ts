/**
 * The rows that searches are measured with: companies, contacts, deals, projects and tasks with names of ten languages,
 * drawn by a seed.
 */
import {
  fakerCS_CZ,
  fakerDE,
  fakerEN,
  fakerES,
  fakerFR,
  fakerPL,
  fakerPT_PT,
  fakerSV,
  fakerTR,
  fakerVI,
} from '@faker-js/faker';
import { type Random, weighted } from '../../dev/random/seeded.ts';

/** A row of any kind, with the columns that are searched. */
export interface SearchedRow {
  kind: 'contact' | 'company' | 'deal' | 'project' | 'task';
  title: string;
  email?: string;
  phone?: string;
  /** A job title, an industry, or a description. */
  detail?: string;
}

const locales = [fakerEN, fakerDE, fakerFR, fakerES, fakerPL, fakerPT_PT, fakerSV, fakerTR, fakerCS_CZ, fakerVI];
type Names = Partial<Record<'generic' | 'female' | 'male', readonly string[]>>;
const namesOf = (part: 'first_name' | 'last_name'): string[] => {
  const all = locales.flatMap((faker) => {
    const names = (faker.rawDefinitions.person?.[part] ?? {}) as Names;
    return [...(names.generic ?? []), ...(names.female ?? []), ...(names.male ?? [])];
  });
  return [...new Set(all)].sort();
};
const FIRST = namesOf('first_name');
const LAST = namesOf('last_name');

const THINGS =
  'nets ropes anchors buoys sails masts engines pumps cranes winches floats lamps charts radios pipes valves'.split(
    ' ',
  );
const PLACES = 'harbour shore quay reef delta lagoon estuary pier canal marina island strait bay cape fjord'.split(' ');
const VERBS = 'Call Visit Remind Invoice Survey Repair Deliver Inspect Quote Renew Prepare Review'.split(' ');
const FORMS = ['GmbH', 'Ltd', 'SARL', 'Sp. z o.o.', 'AB', '& Sons', 'S.L.', 'Group'];
const JOBS = [
  'Head of Purchasing',
  'Engineer',
  'Chief Executive',
  'Accountant',
  'Harbour Master',
  'Skipper',
  'Assistant',
];
const HOSTS = ['kelp', 'tide', 'coral', 'brine', 'drift', 'shoal', 'spray', 'gale', 'mist', 'dune'];

/** The share of each kind, in percent. */
const SHARES: readonly { kind: SearchedRow['kind']; weight: number }[] = [
  { kind: 'contact', weight: 40 },
  { kind: 'task', weight: 25 },
  { kind: 'deal', weight: 20 },
  { kind: 'company', weight: 10 },
  { kind: 'project', weight: 5 },
];

/** Returns a function that draws rows. */
export function searchedRows(random: Random): () => SearchedRow {
  const one = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const number = (below: number) => Math.floor(random() * below);
  const digits = (count: number) => String(number(10 ** count)).padStart(count, '0');
  const ascii = (name: string) =>
    name
      .normalize('NFKD')
      .replace(/[^A-Za-z]/g, '')
      .toLowerCase();
  const draw: Record<SearchedRow['kind'], () => Omit<SearchedRow, 'kind'>> = {
    contact: () => {
      const [first, last] = [one(FIRST), one(LAST)];
      const host = `${one(HOSTS)}${ascii(one(LAST))}.example`;
      return {
        title: `${first} ${last}`,
        email: `${ascii(first)}.${ascii(last)}${number(100)}@${host}`,
        phone: `+${one(['49', '33', '48', '34', '46', '1', '420'])} ${digits(3)} ${digits(3)} ${digits(4)}`,
        detail: one(JOBS),
      };
    },
    company: () => ({ title: `${one(LAST)} ${one(THINGS)} ${one(FORMS)}`, detail: `Maritime ${one(PLACES)}` }),
    deal: () => ({ title: `${one(THINGS)} for ${one(LAST)}, ${one(PLACES)} lot ${number(10_000)}` }),
    project: () => ({
      title: `${one(LAST)} ${one(PLACES)} ${number(3000)}`,
      detail: `New ${one(THINGS)} for the ${one(PLACES)}`,
    }),
    task: () => ({ title: `${one(VERBS)} ${one(FIRST)} ${one(LAST)} about ${one(THINGS)}` }),
  };
  return () => {
    const { kind } = weighted(SHARES, random);
    return { kind, ...draw[kind]() };
  };
}
