import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { bindingDenial } from '../../../../src/admission/bindings/messages.ts';
import { failure, success } from '../../../../src/text/problem.ts';

const ANNOTATION = 'annotation k8s.aliyun.com/eci-ram-role-name';
const SAME = `a Binding may not change the RAM role of pod "web-1" to "writer"; leave ${ANNOTATION} out of the Binding`;
const API_TEXT = 'pods "web-1" not found';

suite('the denial of a Binding', () => {
  const cases = [
    { name: 'of a pod with another role', podRole: success('payments-reader'), message: SAME },
    { name: 'of a pod without a role', podRole: success(undefined), message: SAME },
    {
      name: 'of no pod',
      podRole: failure({ kind: 'no-such-pod' as const, message: API_TEXT }),
      message: SAME,
    },
    {
      name: 'of a pod that cannot be read',
      podRole: failure({ kind: 'unreadable' as const, message: API_TEXT }),
      message:
        'a Binding may not change the RAM role of pod "web-1" to "writer": the webhook cannot read the pod now; try again',
    },
    {
      name: 'by a server without access to pods',
      podRole: failure({ kind: 'no-access' as const, message: API_TEXT }),
      message: `a Binding may not change the RAM role of pod "web-1" to "writer": the server runs with --source=file and cannot read pods; leave ${ANNOTATION} out of the Binding`,
    },
  ];
  for (const { name, podRole, message } of cases) {
    test(name, () => assert.equal(bindingDenial('web-1', 'writer', podRole), message));
  }

  test('with an empty value', () => {
    assert.match(
      bindingDenial('web-1', '', success('reader')),
      /^a Binding .* of pod "web-1" to no role; leave /,
    );
  });

  test('shows no control characters, and no more than the beginning of long names', () => {
    const message = bindingDenial(`a\n${'b'.repeat(300)}`, `c\u001b${'d'.repeat(300)}`, success('reader'));
    assert.doesNotMatch(message, /\p{Cc}/u);
    assert.ok(message.length < 400);
  });
});
