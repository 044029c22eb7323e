/**
 * Companies, their contacts, and deals with both. Sizes, values and dates fit together: a large company has more
 * contacts, a deal closes after it was opened, and an open deal is expected to close around now or later.
 */
import type { Prisma } from '#prisma';
import type { UserRow } from './people.ts';
import { addDays, toDay, type World } from './world.ts';

export type CompanyRow = Prisma.CompanyCreateManyInput;
export type ContactRow = Prisma.ContactCreateManyInput;
export type DealRow = Prisma.DealCreateManyInput;

const industries = ['Software', 'Manufacturing', 'Retail', 'Logistics', 'Healthcare', 'Energy', 'Finance', 'Education'];
const products = ['Annual licence', 'Pilot', 'Renewal', 'Onboarding', 'Support plan', 'Expansion', 'Migration'];
const countries = { US: 40, GB: 15, DE: 15, FR: 10, NL: 8, SE: 6, CA: 6 };
const stages = { lead: 24, qualified: 20, proposal: 16, negotiation: 10, won: 18, lost: 12 };
/** The weight of each range of values, in thousands: 45 of 100 deals are worth 2,000 to 10,000. */
const values = { '2-10': 45, '10-40': 35, '40-120': 15, '120-400': 5 };

export function makeCompanies(world: World, owners: UserRow[], count: number): CompanyRow[] {
  const { faker, pick, tenantId } = world;
  const names = faker.helpers.uniqueArray(() => faker.company.name(), count);
  return names.map((name) => {
    const createdAt = world.daysAgo(540, 120);
    return {
      tenantId,
      id: world.id('company', createdAt),
      name,
      domain: `${name
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, '')}.example`,
      industry: pick(industries),
      employees: Math.round(10 ** faker.number.float({ min: 0.7, max: 4 })),
      city: faker.location.city(),
      country: world.weighted(countries),
      ownerId: pick(owners).id,
      createdAt,
      updatedAt: world.since(createdAt),
    };
  });
}

export function makeContacts(world: World, companies: CompanyRow[], count: number): ContactRow[] {
  const { faker, tenantId } = world;
  return Array.from({ length: count }, (_, index) => {
    // The first round gives every company a contact; one contact in twenty has no company.
    const company = index < companies.length ? companies[index] : world.pick(companies);
    const employer = index >= companies.length && index % 20 === 0 ? undefined : company;
    const createdAt = world.daysAgo(480, 1);
    const firstName = faker.person.firstName();
    const lastName = faker.person.lastName();
    const mailbox = `${firstName}.${lastName}`.toLowerCase().replace(/[^a-z.]/g, '');
    return {
      tenantId,
      id: world.id('contact', createdAt),
      companyId: employer?.id ?? null,
      name: `${firstName} ${lastName}`,
      email: `${mailbox}@${employer?.domain ?? 'mail.example'}`,
      phone: `+1-555-01${faker.string.numeric(2)}`,
      jobTitle: faker.person.jobTitle(),
      ownerId: company?.ownerId ?? null,
      createdAt,
      updatedAt: world.since(createdAt),
    };
  });
}

export function makeDeals(world: World, companies: CompanyRow[], contacts: ContactRow[], count: number): DealRow[] {
  const staff = Map.groupBy(contacts, ({ companyId }) => companyId);
  return Array.from({ length: count }, () => {
    const company = world.pick(companies);
    const people = staff.get(company.id) ?? [];
    const stage = world.weighted(stages);
    const closed = stage === 'won' || stage === 'lost';
    const createdAt = closed ? world.daysAgo(420, 30) : world.daysAgo(150, 0);
    const closedAt = closed ? world.since(addDays(createdAt, 7)) : null;
    return {
      tenantId: world.tenantId,
      id: world.id('deal', createdAt),
      title: `${company.name}: ${world.pick(products)}`,
      stage,
      value: makeValue(world),
      companyId: company.id,
      contactId: people.length > 0 ? world.pick(people).id : null,
      ownerId: company.ownerId ?? null,
      expectedCloseDate: toDay(closedAt ?? addDays(world.now, world.faker.number.int({ min: -20, max: 120 }))),
      closedAt,
      createdAt,
      updatedAt: closedAt ?? world.since(createdAt),
    };
  });
}

/** Returns a round amount: whole hundreds below 10,000, whole thousands above. */
function makeValue({ faker, weighted }: World): number {
  const [min = 0, max = 0] = weighted(values).split('-').map(Number);
  const value = faker.number.int({ min: min * 1000, max: max * 1000 });
  const step = value < 10_000 ? 100 : 1000;
  return Math.round(value / step) * step;
}
