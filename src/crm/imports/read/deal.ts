/** The fields of a deal from the cells of a row. */
import { daySchema, idSchema, textSchema } from '../../../platform/http/index.ts';
import { newContactSchema } from '../../contacts/schema.ts';
import { newDealSchema, type Stage, stages } from '../../deals/schema.ts';
import { currencyIn, parseAmount } from './amount.ts';
import type { Cells } from './cells.ts';
import { companyIn } from './contact.ts';
import { momentIn, parseDay } from './day.ts';
import type { DealValues } from './plan.ts';
import { addressesIn, readAddress, shortenedReason } from './reach.ts';
import { stageOf } from './stage.ts';

const text = textSchema(200);

/** Reads a deal. */
export function dealValues(cells: Cells): DealValues {
  const { value, currency } = readAmount(cells);
  return {
    id: idSchema.safeParse(cells.first('id')).data,
    title: cells.valid('title', cells.first('title'), newDealSchema.shape.title),
    stage: readStage(cells),
    value,
    currency,
    company: cells.valid('company', companyIn(cells), text),
    ...readContact(cells),
    ...readDay(cells),
    owner: cells.first('owner'),
  };
}

/** Reads the contact. HubSpot joins several with `;`, and writes the address after a name. */
function readContact(cells: Cells): Pick<DealValues, 'contact' | 'contactEmail'> {
  const contactEmail = readAddress(cells, 'contactEmail', addressOf);
  const written = cells.first('contact');
  if (written === undefined || cells.isExact) return { contact: cells.valid('contact', written, text), contactEmail };
  const [first = ''] = written.split(/\s*(?:;|:::)\s*/).filter((part) => part !== '');
  const beside = addressesIn(first).flatMap((one) => addressOf(one) ?? [])[0];
  const name = beside === undefined ? first : first.replace(/[(<]?\S+@\S+[)>]?/, '').trim();
  const contact = name === '' ? undefined : cells.valid('contact', name, text);
  return { contact, contactEmail: contactEmail ?? beside };
}

function addressOf(one: string): string | undefined {
  return newContactSchema.shape.email.safeParse(one).data ?? undefined;
}

function readAmount(cells: Cells): Pick<DealValues, 'value' | 'currency'> {
  const [cell] = cells.all('value');
  const column = cells.first('currency');
  const currency = column === undefined ? undefined : currencyIn(column.toUpperCase());
  if (!cell) return { currency };
  const reason = shortenedReason(cell);
  const decimal = cells.isExact ? '.' : (cell.column.decimal ?? '.');
  const amount = reason === null ? parseAmount(cell.text, decimal) : null;
  if (!amount) return { value: cells.refuse('value', reason ?? 'is not an amount'), currency };
  return { value: usable(cells, amount.value), currency: currency ?? amount.currency };
}

/** The places after the point depend on the currency of the deal, which the file need not name. */
function usable(cells: Cells, value: string): string | undefined {
  if (value.startsWith('-')) return cells.refuse('value', 'must not be negative');
  if (!/^\d{1,12}(\.|$)/.test(value)) return cells.refuse('value', 'has more than twelve digits before the point');
  return value;
}

/** If a status column says that a deal is won or lost, the column of the stage does not matter. */
function readStage(cells: Cells): Stage | undefined {
  const said = cells.all('stage');
  const known = said.flatMap(({ text: words }) => stageOf(words) ?? []);
  const stage = known.find((one) => stages.indexOf(one) >= stages.indexOf('won')) ?? known[0];
  return stage ?? (said.length > 0 ? cells.refuse('stage', `is not a known stage: ${stages.join(', ')}`) : undefined);
}

function readDay(cells: Cells): Pick<DealValues, 'expectedCloseDate' | 'closeMoment'> {
  const [cell] = cells.all('expectedCloseDate');
  if (!cell) return {};
  const { dateOrder = 'dmy' } = cell.column;
  const exported = cells.exact('expectedCloseDate', daySchema);
  const day = exported ?? parseDay(cell.text, dateOrder, cells.plan.language ?? 'en');
  if (day === null) return {};
  const expectedCloseDate =
    day === undefined
      ? cells.refuse('expectedCloseDate', 'is not a day')
      : cells.valid('expectedCloseDate', day, daySchema);
  const closeMoment = expectedCloseDate === undefined ? undefined : momentIn(cell.text);
  return { expectedCloseDate, ...(closeMoment === undefined ? {} : { closeMoment }) };
}
