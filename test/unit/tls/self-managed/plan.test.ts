import assert from 'node:assert/strict';
import type { X509Certificate } from 'node:crypto';
import { suite, test } from 'node:test';
import { planCertificates } from '../../../../src/tls/self-managed/plan.ts';
import {
  type CertificateState,
  parseCertificates,
  type SecretData,
  writeState,
} from '../../../../src/tls/self-managed/state.ts';
import type { ObservedState } from '../../../../src/tls/self-managed/trust.ts';
import { makeAuthority, makeLeaf, SERVER_NAME } from '../../../support/authorities.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2030, 0, 1);
const LEAD = HOUR;
const LEAF_LIFE = 90 * DAY;
const CA_LIFE = 365 * DAY;

const [caA, caB, caShort, caExpired] = await Promise.all([
  makeAuthority(START, CA_LIFE),
  makeAuthority(START, CA_LIFE),
  makeAuthority(START, 95 * DAY),
  makeAuthority(START - CA_LIFE, 300 * DAY),
]);
const many = await Promise.all(Array.from({ length: 10 }, () => makeAuthority(START, CA_LIFE)));
const [leafA, leafA2, leafB, leafElsewhere, leafOfShort, leafOfExpired] = await Promise.all([
  makeLeaf(caA, START, LEAF_LIFE),
  makeLeaf(caA, START + 60 * DAY, LEAF_LIFE),
  makeLeaf(caB, START, LEAF_LIFE),
  makeLeaf(caA, START, LEAF_LIFE, 'other.hooks.svc'),
  makeLeaf(caShort, START, 95 * DAY),
  makeLeaf(caExpired, START - LEAF_LIFE, 10 * LEAF_LIFE),
]);

const NAMES = new Map<string, string>(
  Object.entries({ caA, caB, caShort, caExpired, leafA, leafA2, leafB, leafOfShort }).map(
    ([name, { certificate }]) => [certificate.fingerprint256, name],
  ),
);
const nameOf = (certificate: X509Certificate) => NAMES.get(certificate.fingerprint256) ?? 'unknown';

const EMPTY: CertificateState = {
  current: undefined,
  leaf: undefined,
  next: undefined,
  previous: [],
  previousUntil: undefined,
};
const published = { publishedAt: START };
/** What is there a minute after the first start. */
const GOOD: CertificateState = { ...EMPTY, current: { ...caA, ...published }, leaf: leafA };
const ROTATING = { ...GOOD, next: { ...caB, publishedAt: START + DAY } };
const RETIRED = {
  ...EMPTY,
  current: { ...caB, ...published },
  leaf: leafB,
  previous: [caA.certificate],
  previousUntil: START + 80 * DAY,
};
const data = (state: Partial<CertificateState>, extra: SecretData = {}): SecretData => ({
  ...writeState({ ...EMPTY, ...state }, {}),
  ...extra,
});
const garbage = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';

const servesA = { leaf: leafA, authority: caA.certificate };
const servesB = { leaf: leafB, authority: caB.certificate };
const onlyA = [[caA.certificate], [caA.certificate]];
const onlyB = [[caB.certificate], [caB.certificate]];
const bothAB = [
  [caA.certificate, caB.certificate],
  [caA.certificate, caB.certificate],
];
const bothBA = [[caB.certificate, caA.certificate]];
const nothing: X509Certificate[][] = [[], []];

type Row = {
  name: string;
  data: SecretData;
  /** Milliseconds after the start; a minute unless given. */
  at?: number;
  serving?: ObservedState['serving'];
  published?: ObservedState['published'];
  /** The type of the change and how its reason begins. */
  change?: [type: string, reason: string];
  bundle?: string[];
  serve?: string;
};

const ROWS: Record<string, Row[]> = {
  'first start': [
    {
      name: 'an empty Secret is filled',
      data: {},
      published: nothing,
      change: ['start-over', 'ca.crt holds no authority'],
    },
    {
      name: 'nothing is made while it is unknown what callers trust',
      data: {},
      published: undefined,
    },
    {
      name: 'what has just been made is published before it is served',
      data: data({ current: caA, leaf: leafA }),
      published: nothing,
      bundle: ['caA'],
    },
    {
      name: 'what is published is recorded as such, and served',
      data: data({ current: caA, leaf: leafA }),
      published: onlyA,
      change: ['update', 'the bundle is published'],
      bundle: ['caA'],
      serve: 'leafA',
    },
    {
      name: 'a replica that comes later serves what is there',
      data: data(GOOD),
      published: onlyA,
      bundle: ['caA'],
      serve: 'leafA',
    },
    {
      name: 'a replica that comes later serves nothing while one webhook does not trust it',
      data: data(GOOD),
      published: [[caA.certificate], []],
      bundle: ['caA'],
    },
    {
      name: 'a replica that comes later serves nothing while it is unknown what callers trust',
      data: data(GOOD),
      published: undefined,
      bundle: ['caA'],
    },
    {
      name: 'without any webhook there is nobody who has to trust it first',
      data: data(GOOD),
      published: [],
      bundle: ['caA'],
      serve: 'leafA',
    },
    {
      name: 'what webhooks trusted before stays trusted',
      data: data({ current: caA, leaf: leafA }),
      published: onlyB,
      change: ['update', 'certificates of other authorities may still be served'],
    },
    {
      name: 'what webhooks trusted before, but has expired, does not',
      data: data({ current: caA, leaf: leafA }),
      published: [[caExpired.certificate]],
      bundle: ['caA'],
    },
  ],
  'with authorities that an operator added': [
    {
      name: 'they are published behind those of the replicas, each once',
      data: data(GOOD, { 'additional-ca.crt': `${caB.certificate}${garbage}${caA.certificate}` }),
      serving: servesA,
      published: onlyA,
      bundle: ['caA', 'caB'],
    },
    {
      name: 'nothing is to be done once they are',
      data: data(GOOD, { 'additional-ca.crt': `${caB.certificate}` }),
      serving: servesA,
      published: bothAB,
      bundle: ['caA', 'caB'],
    },
    {
      name: 'they are published no more when they are gone',
      data: data(GOOD),
      serving: servesA,
      published: bothAB,
      bundle: ['caA'],
    },
    {
      name: 'at most eight are',
      data: data(GOOD, { 'additional-ca.crt': `${caA.certificate}`.repeat(8) + caB.certificate }),
      serving: servesA,
      published: onlyA,
      bundle: ['caA'],
    },
  ],
  'in use': [
    { name: 'nothing is to be done', data: data(GOOD), serving: servesA, published: onlyA, bundle: ['caA'] },
    {
      name: 'a wiped bundle is put back',
      data: data(GOOD),
      serving: servesA,
      published: nothing,
      bundle: ['caA'],
    },
    {
      name: 'a bundle that cannot be read is no reason to do anything',
      data: data(GOOD),
      serving: servesA,
      published: undefined,
      bundle: ['caA'],
    },
    {
      name: 'keys of others in the Secret do not matter',
      data: data(GOOD, { 'tls.p12': 'x' }),
      serving: servesA,
      published: onlyA,
      bundle: ['caA'],
    },
  ],
  'leaf renewal': [
    {
      name: 'not a minute before two thirds of its life',
      data: data(GOOD),
      at: 60 * DAY - MINUTE,
      serving: servesA,
      published: onlyA,
      bundle: ['caA'],
    },
    {
      name: 'at two thirds of its life',
      data: data(GOOD),
      at: 60 * DAY,
      serving: servesA,
      published: onlyA,
      change: ['renew-leaf', 'two thirds of its life are over'],
      bundle: ['caA'],
    },
    {
      name: 'even while it is unknown what callers trust',
      data: data(GOOD),
      at: 60 * DAY,
      serving: servesA,
      published: undefined,
      change: ['renew-leaf', 'two thirds of its life are over'],
      bundle: ['caA'],
    },
    {
      name: 'the new one is served at once, whatever is published: its authority is known',
      data: data({ ...GOOD, leaf: leafA2 }),
      at: 60 * DAY,
      serving: servesA,
      published: nothing,
      bundle: ['caA'],
      serve: 'leafA2',
    },
    {
      name: 'not where it would end with its authority all the same; a new authority is due instead',
      data: data({ current: { ...caShort, ...published }, leaf: leafOfShort }),
      at: 70 * DAY,
      serving: { leaf: leafOfShort, authority: caShort.certificate },
      published: [[caShort.certificate]],
      change: ['add-next', "two thirds of the current authority's life are over"],
      bundle: ['caShort'],
    },
  ],
  'rotation of the authority': [
    {
      name: 'not before two thirds of its life',
      data: data({ ...GOOD, leaf: await makeLeaf(caA, START + 240 * DAY, LEAF_LIFE) }),
      at: 243 * DAY,
      published: onlyA,
      bundle: ['caA'],
      serve: 'unknown',
    },
    {
      name: 'at two thirds of its life a next one is made',
      data: data({ ...GOOD, leaf: await makeLeaf(caA, START + 240 * DAY, LEAF_LIFE) }),
      at: 244 * DAY,
      published: onlyA,
      change: ['add-next', "two thirds of the current authority's life are over"],
      bundle: ['caA'],
      serve: 'unknown',
    },
    {
      name: 'the next one is published beside the current',
      data: data({ ...GOOD, next: caB }),
      serving: servesA,
      published: onlyA,
      bundle: ['caA', 'caB'],
    },
    {
      name: 'its publication is recorded once every webhook carries it',
      data: data({ ...GOOD, next: caB }),
      serving: servesA,
      published: bothAB,
      change: ['update', 'the bundle is published'],
      bundle: ['caA', 'caB'],
    },
    {
      name: 'its publication is not recorded while one webhook lacks it',
      data: data({ ...GOOD, next: caB }),
      serving: servesA,
      published: [[caA.certificate, caB.certificate], [caA.certificate]],
      bundle: ['caA', 'caB'],
    },
    {
      name: 'its record is withdrawn when a webhook lacks it again',
      data: data(ROTATING),
      at: DAY + 2 * LEAD,
      serving: servesA,
      published: [[caA.certificate, caB.certificate], [caA.certificate]],
      change: ['update', 'the next authority is not published any more'],
      bundle: ['caA', 'caB'],
    },
    {
      name: 'it issues nothing before it has been published for long enough',
      data: data(ROTATING),
      at: DAY + LEAD - 1,
      serving: servesA,
      published: bothAB,
      bundle: ['caA', 'caB'],
    },
    {
      name: 'it takes over once it has been published for long enough',
      data: data(ROTATING),
      at: DAY + LEAD,
      serving: servesA,
      published: bothAB,
      change: ['promote', 'the next authority has been published for long enough'],
      bundle: ['caA', 'caB'],
    },
    {
      name: 'it does not take over while it is unknown what callers trust',
      data: data(ROTATING),
      at: DAY + LEAD,
      serving: servesA,
      published: undefined,
      bundle: ['caA', 'caB'],
    },
    {
      name: 'a leaf is renewed meanwhile',
      data: data({ ...GOOD, next: { ...caB, publishedAt: START + 60 * DAY } }),
      at: 60 * DAY,
      serving: servesA,
      published: bothAB,
      change: ['renew-leaf', 'two thirds of its life are over'],
      bundle: ['caA', 'caB'],
    },
    {
      name: 'a record in the far future is corrected',
      data: data({ ...GOOD, next: { ...caB, publishedAt: START + 400 * DAY } }),
      serving: servesA,
      published: bothAB,
      change: ['update', 'the bundle is published'],
      bundle: ['caA', 'caB'],
    },
    {
      name: 'a record by a clock that is ahead is not',
      data: data({ ...GOOD, next: { ...caB, publishedAt: START + 5 * MINUTE } }),
      serving: servesA,
      published: bothAB,
      bundle: ['caA', 'caB'],
    },
    {
      name: 'a record that is no time is made anew',
      data: data(ROTATING, { 'next-ca.published-at': 'yesterday' }),
      at: DAY + LEAD,
      serving: servesA,
      published: bothAB,
      change: ['update', 'the bundle is published'],
      bundle: ['caA', 'caB'],
    },
    {
      name: 'the leaf of the new authority is served, since it is known',
      data: data(RETIRED),
      at: LEAD,
      serving: servesA,
      published: bothBA,
      bundle: ['caB', 'caA'],
      serve: 'leafB',
    },
    {
      name: 'it is not served while a webhook lacks the new authority',
      data: data(RETIRED),
      at: LEAD,
      serving: servesA,
      published: onlyA,
      bundle: ['caB', 'caA'],
    },
    {
      name: 'a next authority that is the current one counts for nothing',
      data: data({ ...GOOD, next: { ...caA, publishedAt: START - DAY } }),
      serving: servesA,
      published: onlyA,
      bundle: ['caA'],
    },
    {
      name: 'a next authority without its key is forgotten',
      data: data(ROTATING, { 'next-ca.key': '' }),
      at: DAY + LEAD,
      serving: servesA,
      published: bothAB,
      bundle: ['caA'],
    },
    {
      name: 'a next authority with the key of another is forgotten',
      data: data(ROTATING, { 'next-ca.key': caA.key ?? '' }),
      at: DAY + LEAD,
      serving: servesA,
      published: bothAB,
      bundle: ['caA'],
    },
  ],
  'previous authorities': [
    {
      name: 'they stay until their leaves have expired',
      data: data(RETIRED),
      at: 50 * DAY,
      serving: servesB,
      published: bothBA,
      bundle: ['caB', 'caA'],
    },
    {
      name: 'they go when their leaves have expired',
      data: data({ ...RETIRED, previousUntil: START + 50 * DAY }),
      at: 50 * DAY,
      serving: servesB,
      published: bothBA,
      change: ['update', 'all leaves of previous authorities have expired'],
      bundle: ['caB', 'caA'],
    },
    {
      name: 'they stay while this replica serves a leaf of theirs',
      data: data({
        ...RETIRED,
        current: { ...caB, publishedAt: START + 50 * DAY },
        previousUntil: START + 50 * DAY,
      }),
      at: 50 * DAY,
      serving: servesA,
      published: bothBA,
      bundle: ['caB', 'caA'],
    },
    {
      name: 'one that is missing while this replica serves a leaf of it comes back, and nothing is published before',
      data: data({ ...RETIRED, previous: [] }),
      at: HOUR,
      serving: servesA,
      published: undefined,
      change: ['update', 'certificates of other authorities may still be served'],
    },
    {
      name: 'one that is missing stays away once the leaf has expired',
      data: data({ ...RETIRED, leaf: await makeLeaf(caB, START + 80 * DAY, LEAF_LIFE), previous: [] }),
      at: 91 * DAY,
      serving: servesA,
      published: onlyB,
      bundle: ['caB'],
      serve: 'unknown',
    },
    {
      name: 'without a time to go they get one',
      data: data(RETIRED, { 'previous-ca.until': '' }),
      serving: servesB,
      published: bothBA,
      change: ['update', 'previous-ca.until is no time that makes sense'],
      bundle: ['caB', 'caA'],
    },
    {
      name: 'with a time in the far future they get another',
      data: data({ ...RETIRED, previousUntil: START + 1000 * DAY }),
      serving: servesB,
      published: bothBA,
      change: ['update', 'previous-ca.until is no time that makes sense'],
      bundle: ['caB', 'caA'],
    },
  ],
  'a Secret that was tampered with': [
    {
      name: 'emptied: a new authority, beside the one in use',
      data: { 'tls.crt': '', 'tls.key': '' },
      serving: servesA,
      published: onlyA,
      change: ['start-over', 'ca.crt holds no authority that is valid now'],
    },
    {
      name: 'emptied, and filled by a replica that served nothing: the one in use comes into the bundle',
      data: data({ current: caB, leaf: leafB }),
      serving: servesA,
      published: nothing,
      change: ['update', 'certificates of other authorities may still be served'],
    },
    {
      name: 'a leaf of an authority that callers may not know yet is not served by those who can wait',
      data: data({ ...RETIRED, current: caB }),
      serving: servesA,
      published: bothBA,
      change: ['update', 'the bundle is published'],
      bundle: ['caB', 'caA'],
    },
    {
      name: 'it is served by those who have nothing else',
      data: data({ ...RETIRED, current: caB }),
      published: bothBA,
      change: ['update', 'the bundle is published'],
      bundle: ['caB', 'caA'],
      serve: 'leafB',
    },
    {
      name: 'it is served by those whose own has expired',
      data: data({
        ...RETIRED,
        current: { ...caB, publishedAt: START + 91 * DAY },
        leaf: await makeLeaf(caB, START + 91 * DAY, LEAF_LIFE),
        previousUntil: START + 180 * DAY,
      }),
      at: 91 * DAY,
      serving: servesA,
      published: bothBA,
      bundle: ['caB', 'caA'],
      serve: 'unknown',
    },
    {
      name: 'ca.crt is garbage',
      data: data(GOOD, { 'ca.crt': garbage }),
      serving: servesA,
      published: onlyA,
      change: ['start-over', 'ca.crt holds no authority that is valid now'],
    },
    {
      name: 'ca.crt is a certificate, but not of an authority',
      data: data(GOOD, { 'ca.crt': leafA.certificate.toString() }),
      serving: servesA,
      published: onlyA,
      change: ['start-over', 'ca.crt holds no authority that is valid now'],
    },
    {
      name: 'ca.crt is that of another authority',
      data: data(GOOD, { 'ca.crt': caB.certificate.toString() }),
      serving: servesA,
      published: onlyA,
      change: ['start-over', 'tls.crt is of no use, and ca.key is not the key of ca.crt'],
    },
    {
      name: 'ca.crt has expired, and the leaf has not',
      data: data({ current: { ...caExpired, ...published }, leaf: leafOfExpired }),
      published: onlyA,
      change: ['start-over', 'ca.crt holds no authority that is valid now'],
    },
    {
      name: 'ca.crt has expired, and a next one is there',
      data: data({ current: { ...caExpired, ...published }, leaf: leafOfExpired, next: caB }),
      published: undefined,
      change: ['promote', 'ca.crt holds no authority that is valid now'],
    },
    {
      name: 'ca.crt is valid only in the future',
      data: data(GOOD),
      at: -2 * HOUR,
      published: onlyA,
      change: ['start-over', 'ca.crt holds no authority that is valid now'],
    },
    {
      name: 'ca.key is missing: the leaf stays in use, a next authority is made',
      data: data(GOOD, { 'ca.key': '' }),
      serving: servesA,
      published: onlyA,
      change: ['add-next', 'ca.key is not the key of ca.crt'],
      bundle: ['caA'],
    },
    {
      name: 'ca.key is missing when the leaf is due: it is left to the next authority',
      data: data({ ...GOOD, next: caB }, { 'ca.key': 'garbage' }),
      at: 60 * DAY,
      serving: servesA,
      published: onlyA,
      bundle: ['caA', 'caB'],
    },
    {
      name: 'tls.crt is garbage',
      data: data(GOOD, { 'tls.crt': garbage }),
      serving: servesA,
      published: onlyA,
      change: ['renew-leaf', 'tls.crt and tls.key are no valid pair'],
      bundle: ['caA'],
    },
    {
      name: 'tls.key is that of another leaf',
      data: data(GOOD, { 'tls.key': leafB.key }),
      serving: servesA,
      published: onlyA,
      change: ['renew-leaf', 'tls.crt and tls.key are no valid pair'],
      bundle: ['caA'],
    },
    {
      name: 'tls.crt is for another name',
      data: data({ ...GOOD, leaf: leafElsewhere }),
      serving: servesA,
      published: onlyA,
      change: ['renew-leaf', 'tls.crt and tls.key are no valid pair'],
      bundle: ['caA'],
    },
    {
      name: 'tls.crt is of another authority',
      data: data({ ...GOOD, leaf: leafB }),
      published: onlyA,
      change: ['renew-leaf', 'tls.crt and tls.key are no valid pair'],
      bundle: ['caA'],
    },
    {
      name: 'tls.crt has expired',
      data: data(GOOD),
      at: 90 * DAY,
      serving: servesA,
      published: onlyA,
      change: ['renew-leaf', 'tls.crt and tls.key are no valid pair'],
      bundle: ['caA'],
    },
    {
      name: 'tls.crt has expired and ca.key is missing',
      data: data(GOOD, { 'ca.key': '' }),
      at: 90 * DAY,
      serving: servesA,
      published: onlyA,
      change: ['start-over', 'tls.crt is of no use, and ca.key is not the key of ca.crt'],
      bundle: ['caA'],
    },
    {
      name: 'an authority without a key whose next one is there gives way to it, when its leaf is of no use',
      data: data({ ...GOOD, next: caB }, { 'ca.key': '', 'tls.crt': '' }),
      serving: servesA,
      published: onlyA,
      change: ['promote', 'tls.crt is of no use, and ca.key is not the key of ca.crt'],
      bundle: ['caA', 'caB'],
    },
  ],
};

for (const [title, rows] of Object.entries(ROWS)) {
  suite(title, () => {
    for (const row of rows) {
      test(row.name, () => {
        const plan = planCertificates(row.data, {
          now: START + (row.at ?? MINUTE),
          serverName: SERVER_NAME,
          serving: row.serving,
          published: row.published,
          leafLifetimeMs: LEAF_LIFE,
          publicationLeadMs: LEAD,
        });
        const [type, reason = ''] = row.change ?? [];
        assert.deepEqual(
          {
            change: plan.change?.type,
            reason: plan.change?.reason.slice(0, reason.length) ?? '',
            bundle: plan.bundle && parseCertificates(plan.bundle).map(nameOf),
            serve: plan.serve && nameOf(plan.serve.leaf.certificate),
          },
          { change: type, reason, bundle: row.bundle, serve: row.serve },
        );
      });
    }
  });
}

test('no more than eight authorities are kept, the one in use among them', () => {
  const plan = planCertificates(data({ previous: many.map(({ certificate }) => certificate) }), {
    now: START,
    serverName: SERVER_NAME,
    serving: servesA,
    published: [many.map(({ certificate }) => certificate)],
    leafLifetimeMs: LEAF_LIFE,
    publicationLeadMs: LEAD,
  });
  assert.ok(plan.change?.type === 'start-over');
  const { previous, previousUntil } = plan.change.retired;
  assert.equal(previous.length, 8);
  assert.equal(previous[0]?.fingerprint256, caA.certificate.fingerprint256);
  assert.equal(previousUntil, START + LEAF_LIFE);
});

test('a replica that serves nothing leaves trust in what is published when it starts over', () => {
  const plan = planCertificates(data(GOOD, { 'ca.crt': caB.certificate.toString() }), {
    now: START + MINUTE,
    serverName: SERVER_NAME,
    serving: undefined,
    published: onlyA,
    leafLifetimeMs: LEAF_LIFE,
    publicationLeadMs: LEAD,
  });
  assert.ok(plan.change?.type === 'start-over');
  assert.deepEqual(plan.change.retired.previous.map(nameOf), ['caA', 'caB']);
});
