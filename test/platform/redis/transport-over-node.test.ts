/** The transport again, over the `fetch` that the Lambdas use in place of the platform's. */
import { vi } from 'vitest';
import { createNodeFetch } from '../../../src/platform/keep-alive-fetch.ts';
import './transport.test.ts';

// A transport takes the global one if it is told of no other.
vi.stubGlobal('fetch', createNodeFetch());
