/**
 * `npm run docs`: builds the documents and the reference of the package into a site in `dist/docs`, which works from a
 * static server and from files. `-- --serve` serves the site on this machine, `-- --no-reference` leaves the reference
 * out.
 */
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../cloud/errors.ts';
import { buildSite } from '../site/build-site.ts';
import { readReference } from '../site/reference/read.ts';
import { serveSite } from '../site/serve.ts';

const ROOT = join(import.meta.dirname, '../..');
const OUT = join(ROOT, 'dist/docs');
const DEFAULT_PORT = '8788';

try {
  const { values } = parseArgs({
    options: {
      serve: { type: 'boolean' },
      port: { type: 'string', default: DEFAULT_PORT },
      reference: { type: 'boolean', default: true },
    },
    allowNegative: true,
  });
  const further = values.reference ? readReference(ROOT) : [];
  const count = await buildSite({ root: ROOT, out: OUT, further });
  console.log(`Built dist/docs: ${count} pages. Open dist/docs/index.html`);
  if (values.serve === true) {
    const server = await serveSite(OUT, Number(values.port));
    console.log(`Serving http://localhost:${(server.address() as AddressInfo).port}. Ctrl-C stops it.`);
  }
} catch (error) {
  console.error(messageOf(error));
  process.exit(1);
}
