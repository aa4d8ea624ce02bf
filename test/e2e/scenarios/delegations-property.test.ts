// Whatever lists a member of a team writes, none that the API server takes allows more than one delegation does, judged by
// the matching that decides pods; and none that a delegation covers is refused.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import fc from 'fast-check';
import { compileGlobs } from '../../../src/policy/glob.ts';
import { propertyRuns } from '../../builders/property-runs.ts';
import { type ApiClient, ApiError, createApiClient } from '../harness/api-client.ts';
import { waitFor } from '../harness/wait-for.ts';
import { allowlist } from './support/manifests.ts';
import { acquireCluster } from './support/shared-cluster.ts';
import { RELEASE, type WebhookCluster } from './support/webhook-cluster.ts';

const LISTS = '/apis/eci-ram-role.io/v1alpha1/ramroleallowlists?dryRun=All';
const RUNS = 2000;

type Delegation = Readonly<{
  groups: readonly string[];
  listNamePrefix: string;
  namespaces: readonly string[];
  roles: readonly string[];
}>;
type List = Readonly<{ name: string; namespaces: readonly string[]; roles: readonly string[] }>;

// The user dev is a member of the group developers, and of no other.
const OTHERS: Delegation = { groups: ['others'], listNamePrefix: 'o-', namespaces: ['b*'], roles: ['b*'] };
const OWN: readonly Delegation[] = [
  { namespaces: ['a', 'ab*'], roles: ['a', 'ba*', 'a.*'] },
  { namespaces: ['b', 'aa*'], roles: ['ab*'] },
  { namespaces: ['a*'], roles: ['bb'] },
].map((delegation, index) => ({
  ...{ groups: ['developers'], listNamePrefix: index === 2 ? 'd-e-' : 'd-' },
  ...delegation,
}));

/** Every name of up to four characters: more than any piece of a pattern below. */
const NAMESPACES = words('ab');
const ROLES = words('ab.');

const entries = (characters: string, minLength: number) =>
  fc.array(fc.string({ unit: fc.constantFrom(...characters), minLength: 1, maxLength: 3 }), {
    minLength,
    maxLength: 2,
  });
const lists: fc.Arbitrary<List> = fc.record({
  name: fc.constantFrom('d-x', 'd-e-x', 'd', 'o-x', 'x-d-x'),
  namespaces: entries('aab*', 1),
  roles: entries('aab.*', 0),
});

suite('lists of a member of a team', () => {
  let cluster: WebhookCluster;
  let dev: ApiClient;

  before(async () => {
    cluster = await acquireCluster({ delegations: [OTHERS, ...OWN] });
    const { apiServerUrl, authority, users } = cluster.controlPlane;
    dev = createApiClient({
      ...{ serverUrl: apiServerUrl, caCertificate: authority.certificate, token: users.dev.token },
    });
    await cluster.kubectl([
      ...['create', 'clusterrolebinding', 'lists', `--clusterrole=${RELEASE}-allowlist-writer`],
      '--group=developers',
    ]);
    await waitFor('the policy to count', async () => {
      const { refusal } = await attempt({ name: 'o-x', namespaces: ['b'], roles: ['b'] });
      return refusal?.includes('-delegations');
    });
  });

  after(async () => {
    dev?.close();
    await cluster?.stop();
  });

  async function attempt({ name, ...spec }: List): Promise<Readonly<{ refusal?: string }>> {
    try {
      await dev.send('POST', LISTS, allowlist(name, spec));
      return {};
    } catch (error) {
      if (error instanceof ApiError && error.status === 403) {
        return { refusal: error.message };
      }
      throw error;
    }
  }

  test('are accepted where one delegation covers them, and then allow no more than it does', async () => {
    const runs = propertyRuns(RUNS);
    let accepted = 0;
    const property = fc.asyncProperty(lists, async (list) => {
      const { refusal } = await attempt(list);
      assert.equal(refusal === undefined, OWN.some(coversEntries(list)), refusal ?? 'accepted');
      if (refusal === undefined) {
        assert.ok(OWN.some(allowsAllOf(list)));
        accepted++;
      }
    });
    await fc.assert(property, runs);
    assert.ok(accepted > runs.numRuns / 100, `only ${accepted} lists were accepted`);
  });
});

/** Whether a delegation covers a list by the rule that is documented, entry by entry. */
function coversEntries({ name, namespaces, roles }: List): (delegation: Delegation) => boolean {
  const covers = (delegated: readonly string[]) => (entry: string) =>
    delegated.includes(entry) ||
    delegated.some((one) => one.endsWith('*') && entry.split('*', 1).join().startsWith(one.slice(0, -1)));
  return (delegation) =>
    name.startsWith(delegation.listNamePrefix) &&
    namespaces.every(covers(delegation.namespaces)) &&
    roles.every(covers(delegation.roles));
}

/** Whether every role that a list allows in a namespace is one that the delegation allows there. */
function allowsAllOf({ namespaces, roles }: List): (delegation: Delegation) => boolean {
  const within = (names: readonly string[], inner: readonly string[], outer: readonly string[]) => {
    const [isIn, isAllowed] = [compileGlobs(inner), compileGlobs(outer)];
    return names.filter(isIn).every(isAllowed);
  };
  return (delegation) =>
    within(NAMESPACES, namespaces, delegation.namespaces) && within(ROLES, roles, delegation.roles);
}

function words(characters: string): readonly string[] {
  const longer = (shorter: readonly string[]) =>
    shorter.flatMap((word) => [...characters].map((character) => word + character));
  const one = [...characters];
  const two = longer(one);
  const three = longer(two);
  return [...one, ...two, ...three, ...longer(three)];
}
