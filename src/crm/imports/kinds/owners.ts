/** The owners of records: users of the tenant by their address, or by a name that one user alone has. */
import { fold, normalAddress } from '../../../platform/text/index.ts';
import { addressesIn } from '../read/reach.ts';
import type { Refusal } from './kind.ts';
import type { Names } from './records.ts';
import { distinct, type Source } from './table.ts';

/** The owner that a row gives a record. */
interface SaidOwner {
  said: { ownerId?: string };
  names: Names;
  refused: Refusal[];
}

/** The users that rows name. */
export interface Owners {
  /** Returns the owner that a cell names. A record keeps its owner if the cell has the name of this owner. */
  of(cell: string | undefined, draft: { names: Names }): SaidOwner;
}

const NOTHING: SaidOwner = { said: {}, names: {}, refused: [] };

/** Loads the users that rows name. 1 statement, none if no row names an owner. */
export async function loadOwners({ db, tenant }: Source, rows: readonly { owner?: string }[]): Promise<Owners> {
  const cells = distinct(rows.map(({ owner }) => owner));
  const addresses = cells.flatMap(addressesOf);
  const users =
    cells.length === 0
      ? []
      : await db.$queryRaw<{ id: string; email: string; name: string }[]>`
          SELECT id, email, name FROM users WHERE tenant_id = ${tenant}
            AND (email = ANY(${addresses}) OR fold(name) = ANY(${cells.map(fold)}))`;
  const byAddress = new Map(users.map((user) => [user.email, user]));
  return {
    of(cell, { names }) {
      if (cell === undefined || (names.owner && fold(names.owner) === fold(cell))) return NOTHING;
      const namesakes = users.filter(({ name }) => fold(name) === fold(cell));
      const addressed = addressesOf(cell).flatMap((address) => byAddress.get(address) ?? [])[0];
      const user = addressed ?? (namesakes.length === 1 ? namesakes[0] : undefined);
      if (user) return { said: { ownerId: user.id }, names: { owner: user.name }, refused: [] };
      const message = namesakes.length > 1 ? 'is the name of several users' : 'is not a known user';
      return { ...NOTHING, refused: [{ field: 'owner', message }] };
    },
  };
}

/** Returns the addresses in a cell in the form in which accounts have them. */
function addressesOf(cell: string): string[] {
  return addressesIn(cell).flatMap((address) => normalAddress(address) ?? []);
}
