/** Seals the demo data as the application does, so that an application with the same keys reads and finds it. */
import { createSealer } from '../../src/platform/redis/index.ts';

/** Seals the text of one column of one row. `where` is `<table>.<column>/<id>`. */
export type Seal = (text: string, where: string, tenantId: string) => string | Promise<string>;

/** Returns the digest by which a number, a year of birth or a word of a name is found. */
export type Digest = (
  text: string,
  kind: 'number' | 'birth-year' | 'name-token',
  tenantId: string,
) => string | Promise<string>;

/** How the texts about patients are sealed and found. */
export interface Sealing {
  seal: Seal;
  digest: Digest;
}

/** Returns the sealing with a key, `id:base64`, as in SEAL_KEYS. Of several keys, the first one seals. */
export function sealingWith(sealKeys: string): Sealing {
  const [current = ''] = sealKeys.split(',');
  const [id = '', key = ''] = current.trim().split(':');
  const sealer = createSealer({ keys: { [id]: key }, current: id });
  return {
    seal(text, where, tenantId) {
      const [column = '', ...row] = where.split('/');
      return sealer.seal(text, ['column', tenantId, column, row.join('/')]);
    },
    digest: async (text, kind, tenantId) => (await sealer.digests(text, [kind, tenantId]))[0] ?? '',
  };
}
