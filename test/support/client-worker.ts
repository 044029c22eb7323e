/** The built client in a Worker of its own, as a team's Worker uses it: a program that calls the API and tells its findings. */
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { bundle } from '../../clients/typescript/bundle.ts';

const PROGRAM = `
import { createHoldfast, HoldfastError } from './client.js';

export default {
  async fetch(request, { API, KEY }) {
    const api = createHoldfast({ baseUrl: API, apiKey: KEY, retries: 0 });
    const listed = [];
    for await (const { title } of api.deals.list({ limit: 2 })) listed.push(title);
    const refused = await api.deals.create({ body: { title: '', value: '1' } }).catch((error) => error);
    const events = [];
    for await (const event of api.feeds.listen({ topics: ['deals'] })) {
      events.push(event.kind === 'event' ? event.data.type : event.kind);
      if (event.kind === 'event') break;
      await api.deals.create({ body: { title: 'Heard', value: '1' } });
    }
    const { status, code, fields, requestId, operation } = refused;
    const isTyped = refused instanceof HoldfastError;
    return Response.json({ listed, refused: { isTyped, status, code, fields, requestId, operation }, events });
  },
};
`;

/** The findings of the program. */
export interface ClientFindings {
  /** The titles of all deals, two on each page. */
  listed: string[];
  /** The error of a deal without a title. */
  refused: Record<'isTyped' | 'status' | 'code' | 'fields' | 'requestId' | 'operation', unknown>;
  /** The events of a feed until the program's own deal arrives. */
  events: string[];
}

/** Runs the program in workerd, against the API at an address. */
export async function runClientInWorkerd(api: URL, key: string): Promise<ClientFindings> {
  const { code } = await bundle('src/index.ts', { minify: true });
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: [
        { type: 'ESModule', path: 'program.js', contents: PROGRAM },
        { type: 'ESModule', path: 'client.js', contents: code },
      ],
      // Without nodejs_compat: the client uses Web APIs only.
      compatibilityDate: '2026-11-17',
      bindings: { API: api.href, KEY: key },
      cf: false,
    }),
  );
  try {
    const answer = await miniflare.dispatchFetch('http://program.test/');
    if (answer.status !== 200) throw new Error(await answer.text());
    return (await answer.json()) as ClientFindings;
  } finally {
    await miniflare.dispose();
  }
}
