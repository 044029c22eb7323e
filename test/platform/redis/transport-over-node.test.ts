/** The transport again, over the `fetch` of the Lambdas, which replaces the platform's. */
import { vi } from 'vitest';
import { createNodeFetch } from '../../../src/platform/keep-alive-fetch.ts';
import './transport.test.ts';

// A transport without an explicit `fetch` uses the global one.
vi.stubGlobal('fetch', createNodeFetch());
