import { randomBytes } from 'node:crypto';

/** Somebody whom the API server knows by a bearer token. */
export type User = { name: string; groups: string[]; token: string };

/** `admin` is in system:masters; `dev` and `tester` are tenants, without any right until a scenario binds a role. */
export type UserName = 'admin' | 'dev' | 'tester' | 'controller-manager' | 'scheduler';

export type Users = Readonly<Record<UserName, User>>;

/** Makes the users of one control plane, with fresh tokens. */
export function createUsers(): Users {
  return {
    admin: createUser('admin', ['system:masters']),
    dev: createUser('dev', ['developers']),
    tester: createUser('tester', ['testers']),
    // The names that Kubernetes' own bootstrap roles are bound to.
    'controller-manager': createUser('system:kube-controller-manager', []),
    scheduler: createUser('system:kube-scheduler', []),
  };
}

/** The API server's static token file: token, name, uid, "groups". */
export function formatTokenFile(users: Users): string {
  const lines = Object.values(users).map(
    ({ name, groups, token }) => `${token},${name},${name},"${groups.join(',')}"`,
  );
  return `${lines.join('\n')}\n`;
}

function createUser(name: string, groups: string[]): User {
  return { name, groups, token: randomBytes(24).toString('hex') };
}
