/** As cheap as scrypt gets: the cost is stored with the hash. */
export const QUICK = { ln: 2, r: 8, p: 1 };
