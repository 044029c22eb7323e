/** The kinds of records that can be imported. */
import type { ImportKind } from '../read/plan.ts';
import { companies } from './companies.ts';
import { contacts } from './contacts.ts';
import { deals } from './deals.ts';
import type { ImportedKind } from './kind.ts';

export const kinds: { readonly [Kind in ImportKind]: ImportedKind<Kind> } = { contacts, companies, deals };
