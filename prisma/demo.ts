/**
 * The public names and keys of the local cloud: its tenants, its users, and its API keys. The documentation prints the
 * keys. They work only in the local cloud, because only its seed stores their hashes.
 */

export const demoTenants = ['acme', 'globex'] as const;

/** The password of the first user of each role in the demo tenants, and its seeded hash. Both are public. */
export const demoPassword = {
  text: 'holdfast-demo-password',
  hash: '$scrypt$ln=14,r=8,p=5$+yy+tYIpXIWb05DIBOeo8Q$4SSUTUexFGIfPKH+ip7TNJ4WxofwvoLsPP+1rxWJsHQ',
} as const;

/** The owner, with whom a developer signs in. */
export const demoUser = { email: 'owner@acme.example', password: demoPassword.text } as const;

/**
 * The authenticator app of the owner, of the operator and of the care area's users, whose work needs a second factor. The
 * first user of each of these roles has this app, whose secret is in Base32. Other users, such as `member@acme.example`,
 * sign in with the password only.
 */
export const demoFactor = {
  secret: 'HOLDFASTLOCALDEMOSECRETFORTHEAPP',
  roles: ['owner', 'admin', 'clinician', 'reception', 'nurse', 'biller', 'care_auditor'],
} as const;

/**
 * AUTH_KEYS of the local cloud, which seal the secrets of the demo's apps. The application refuses a key id that begins
 * with `local` outside local mode.
 */
export const demoAuthKeys = 'local1:bG9jYWwgaG9sZGZhc3QgYXV0aCBrZXkgMSAgIC4uLi4=';

/** API keys of the local cloud, `hf_<tenant>_<key id>_<secret>`. */
export const demoKeys = {
  /** The key of tenant acme with every right. */
  acme: 'hf_acme_demo00000001_localonlylocalonlylocalonlylocalonlylocal01',
  /** The key of tenant acme that may only read the CRM. */
  acmeReadOnly: 'hf_acme_demo00000002_localonlylocalonlylocalonlylocalonlylocal02',
  /** The key of tenant globex with every right. The key reads no data of acme. */
  globex: 'hf_globex_demo00000003_localonlylocalonlylocalonlylocalonlylocal03',
} as const;

/** The rights stored with each demo key. */
export const demoRights: Record<keyof typeof demoKeys, string[]> = {
  acme: ['*'],
  acmeReadOnly: ['crm:read'],
  globex: ['*'],
};
