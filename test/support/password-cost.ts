/** The lowest cost of scrypt; a hash is stored with its cost. */
export const QUICK = { ln: 2, r: 8, p: 1 };
