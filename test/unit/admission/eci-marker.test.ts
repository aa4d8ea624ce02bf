import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { hasEciMarker } from '../../../src/admission/eci-marker.ts';

function requiring(...matchExpressions: readonly unknown[]) {
  const required = { nodeSelectorTerms: [{ matchExpressions }] };
  return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } } };
}

suite('hasEciMarker', () => {
  const cases = [
    { name: 'nothing', is: false },
    { name: 'the label', labels: { 'alibabacloud.com/eci': 'true' }, is: true },
    { name: 'the older label', labels: { eci: 'true' }, is: true },
    { name: 'the label, switched off', labels: { 'alibabacloud.com/eci': 'false', eci: '' }, is: false },
    { name: 'the label in a prototype', labels: JSON.parse('{"__proto__":{"eci":"true"}}'), is: false },
    { name: 'another annotation of ECI', annotations: { 'k8s.aliyun.com/eci-use-specs': 'x' }, is: true },
    { name: 'the role alone', annotations: { 'k8s.aliyun.com/eci-ram-role-name': 'x' }, is: false },
    {
      name: 'the role and another annotation of ECI',
      annotations: { 'k8s.aliyun.com/eci-ram-role-name': 'x', 'k8s.aliyun.com/eci-ntp-server': 'x' },
      is: true,
    },
    { name: 'burst-resource eci', annotations: { 'alibabacloud.com/burst-resource': 'eci' }, is: true },
    {
      name: 'burst-resource eci_only',
      annotations: { 'alibabacloud.com/burst-resource': 'eci_only' },
      is: true,
    },
    { name: 'another burst-resource', annotations: { 'alibabacloud.com/burst-resource': 'eci_' }, is: false },
    { name: 'an empty burst-resource', annotations: { 'alibabacloud.com/burst-resource': '' }, is: false },
    { name: 'a selector of virtual kubelets', spec: { nodeSelector: { type: 'virtual-kubelet' } }, is: true },
    { name: 'a selector of vnodes', spec: { nodeSelector: { 'k8s.aliyun.com/vnode': 'true' } }, is: true },
    {
      name: 'a selector of others',
      spec: { nodeSelector: { type: 'true', 'k8s.aliyun.com/vnode': 'virtual-kubelet' } },
      is: false,
    },
    {
      name: 'a requirement of virtual kubelets',
      spec: requiring({ key: 'type', operator: 'In', values: ['a', 'virtual-kubelet'] }),
      is: true,
    },
    {
      name: 'a requirement of vnodes',
      spec: requiring({ key: 'a' }, { key: 'k8s.aliyun.com/vnode', operator: 'In', values: ['true'] }),
      is: true,
    },
    {
      name: 'a requirement of others',
      spec: requiring({ key: 'type', operator: 'NotIn', values: ['virtual-kubelet'] }),
      is: false,
    },
    {
      name: 'a requirement of other values',
      spec: requiring({ key: 'type', operator: 'In', values: ['true'] }),
      is: false,
    },
    {
      name: 'a requirement of another key',
      spec: requiring({ key: 'types', operator: 'In', values: ['virtual-kubelet'] }),
      is: false,
    },
    {
      name: 'a toleration of the provider',
      spec: { tolerations: [{}, { key: 'virtual-kubelet.io/provider' }] },
      is: true,
    },
    {
      name: 'a toleration of vnodes',
      spec: { tolerations: [{ key: 'k8s.aliyun.com/vnode', effect: 'NoSchedule' }] },
      is: true,
    },
    { name: 'a toleration of everything', spec: { tolerations: [{ operator: 'Exists' }] }, is: false },
    { name: 'the node virtual-kubelet', spec: { nodeName: 'virtual-kubelet' }, is: true },
    { name: 'a node virtual-kubelet-…', spec: { nodeName: 'virtual-kubelet-cn-beijing-g' }, is: true },
    { name: 'a node virtual-node-eci-…', spec: { nodeName: 'virtual-node-eci-0' }, is: true },
    { name: 'a node ….vnd-…', spec: { nodeName: 'cn-hangzhou.vnd-bp1' }, is: true },
    { name: 'an ordinary node', spec: { nodeName: 'cn-hangzhou.10.0.0.1' }, is: false },
    { name: 'a node virtual-node-…', spec: { nodeName: 'virtual-node-0' }, is: false },
  ];

  for (const { name, labels = {}, annotations = {}, spec = {}, is } of cases) {
    test(`is ${is} for a pod with ${name}`, () => {
      assert.equal(hasEciMarker(labels, annotations, spec), is);
    });
  }
});
