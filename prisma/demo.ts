/**
 * The well-known things of the local cloud: its tenants, its users, and its API keys. The keys are printed in the
 * documentation and worth nothing elsewhere: only the local seed stores their hashes.
 */

export const demoTenants = ['acme', 'globex'] as const;

/** The password of the first user of each role of the demo's tenants, and the hash that is seeded. As public as the keys. */
export const demoPassword = {
  text: 'holdfast-demo-password',
  hash: '$scrypt$ln=14,r=8,p=5$+yy+tYIpXIWb05DIBOeo8Q$4SSUTUexFGIfPKH+ip7TNJ4WxofwvoLsPP+1rxWJsHQ',
} as const;

/** Who to sign in as. */
export const demoUser = { email: 'owner@acme.example', password: demoPassword.text } as const;

/** API keys of the local cloud, `hf_<tenant>_<key id>_<secret>`. */
export const demoKeys = {
  /** Tenant acme, every right. */
  acme: 'hf_acme_demo00000001_localonlylocalonlylocalonlylocalonlylocal01',
  /** Tenant acme, reads the CRM and changes nothing. */
  acmeReadOnly: 'hf_acme_demo00000002_localonlylocalonlylocalonlylocalonlylocal02',
  /** Tenant globex, every right: sees nothing of acme. */
  globex: 'hf_globex_demo00000003_localonlylocalonlylocalonlylocalonlylocal03',
} as const;

/** The rights stored with each demo key. */
export const demoRights: Record<keyof typeof demoKeys, string[]> = {
  acme: ['*'],
  acmeReadOnly: ['crm:read'],
  globex: ['*'],
};
