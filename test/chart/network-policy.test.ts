// Who may connect to which port if the NetworkPolicy is on.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { EXTRAS } from './cases.ts';
import { find, render } from './helm.ts';

suite('the NetworkPolicy', () => {
  test('is not there by default', () => {
    assert.ok(render().every(({ kind }) => kind !== 'NetworkPolicy'));
  });

  test('opens the port of the webhook to the addresses of the API servers, and that of the probes to nobody', () => {
    const values = { networkPolicy: { enabled: true, apiServer: { cidrs: ['10.0.0.0/28', '::/0'] } } };
    const from = [{ ipBlock: { cidr: '10.0.0.0/28' } }, { ipBlock: { cidr: '::/0' } }];
    const { ingress, egress } = Object(find(render(values), 'NetworkPolicy').spec);
    assert.deepEqual(ingress, [{ ports: [{ port: 'https', protocol: 'TCP' }], from }]);
    assert.deepEqual(egress, [
      {
        ports: [
          { port: 443, protocol: 'TCP' },
          { port: 6443, protocol: 'TCP' },
        ],
        to: from,
      },
    ]);
  });

  test('opens the port of the webhook to every address if it is told to', () => {
    const values = { networkPolicy: { enabled: true, apiServer: { anyAddress: true } } };
    const { ingress } = Object(find(render(values), 'NetworkPolicy').spec);
    assert.deepEqual(ingress, [{ ports: [{ port: 'https', protocol: 'TCP' }] }]);
  });

  test('opens the port of the metrics to the peers that the values name', () => {
    const { ingress } = Object(find(render(EXTRAS), 'NetworkPolicy').spec);
    assert.deepEqual(ingress[1], {
      ports: [{ port: 'probe', protocol: 'TCP' }],
      from: EXTRAS.networkPolicy.metricsFrom,
    });
  });
});
