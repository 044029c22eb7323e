/**
 * The `fetch` of tests that run in Node: that of the Lambda. It takes a third of the CPU of the built-in `fetch`, which
 * the suites of workerd use.
 */
import { createNodeFetch } from '../../src/platform/keep-alive-fetch.ts';

export const nodeFetch = createNodeFetch();
