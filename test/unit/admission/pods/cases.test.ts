import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { allowlistSchema } from '../../../../src/policy/schema/allowlist.ts';
import { decidePod, PHASES, toAnswer } from '../../../builders/decide-pod.ts';
import { expectedEnvelope, expectedParts, hasLines, patches } from '../../../builders/expected-answer.ts';
import { hintsIn } from '../../../builders/hint-phrases.ts';
import { assertKnown } from '../../../builders/known-decision.ts';
import { type PodCase, podCasePaths, readPodCase } from '../../../builders/pod-case.ts';
import { applyPatch, assertSamePod, podNaming } from '../../../builders/pod-patch.ts';

/** So many there were when this was written: without cases, nothing would be tested. */
const FEWEST_CASES = 333;
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
/** The API server cuts longer warnings. */
const MAX_WARNING_CHARACTERS = 255;
const MAX_MESSAGE_CHARACTERS = 4096;
const ANNOTATIONS_PATH = '/metadata/annotations';
const ROLE_PATH = `${ANNOTATIONS_PATH}/k8s.aliyun.com~1eci-ram-role-name`;

suite('cases', () => {
  test('are all there', () => {
    assert.ok(podCasePaths.length >= FEWEST_CASES, `${podCasePaths.length} cases`);
  });

  test('use every field of an allowlist', () => {
    const used = new Set(
      podCasePaths
        .flatMap((path) => readPodCase(path).allowlists)
        .flatMap(({ spec }) => Object.entries(spec))
        .filter(([, value]) => value !== undefined)
        .map(([field]) => field),
    );
    const fields = Object.keys(allowlistSchema.shape.spec.shape);
    assert.deepEqual(
      fields.filter((field) => !used.has(field)),
      [],
    );
  });

  for (const path of podCasePaths) {
    const podCase = readPodCase(path);
    suite(`${path}: ${podCase.name}`, () => testCase(podCase));
  }
});

// What a case holds is deeply frozen: a decision that changes it throws.
function testCase(podCase: PodCase): void {
  const { request, requestedRole, allowlists, expected } = podCase;
  const answerOf = (phase: (typeof PHASES)[number], object = request.object) =>
    toAnswer(request.uid, decidePod(phase, { ...request, object }, podCase));

  for (const phase of PHASES) {
    const { hint, shows, hides } = expected[phase];

    test(`is answered as expected in phase ${phase}`, () => {
      const { parts, envelope, message = '', warnings, patch } = answerOf(phase);
      assertKnown(`/${phase}-pods`, parts);
      const text = [message, ...warnings].join('\n');

      assert.deepEqual(parts, expectedParts(phase, requestedRole, expected[phase]));
      assert.deepEqual(envelope, expectedEnvelope(podCase.uid, expected[phase]));
      assert.equal(patch.length > 0, patches(expected[phase]));
      assert.deepEqual(hintsIn(text), hint === undefined ? [] : [hint]);
      assert.deepEqual(
        shows.filter((part) => !text.includes(part)),
        [],
      );
      assert.deepEqual(
        hides.filter((part) => text.includes(part)),
        [],
      );
    });

    if (hasLines(phase, requestedRole, expected[phase])) {
      test(`is answered in short and printable lines in phase ${phase}`, () => {
        const { message, warnings, parts } = answerOf(phase);
        const annotations = Object.entries(parts.auditAnnotations);
        const lines = [message ?? [], warnings, annotations.map(([, value]) => value)].flat();

        assert.ok(lines.length > 0);
        assert.deepEqual(
          lines.filter((line) => UNPRINTABLE.test(line)),
          [],
        );
        assert.deepEqual(
          lines.filter((line) => line.length > MAX_MESSAGE_CHARACTERS),
          [],
        );
        assert.deepEqual(
          warnings.filter((line) => line.length > MAX_WARNING_CHARACTERS),
          [],
        );
        assert.deepEqual(
          annotations.filter(([key]) => key.includes('/')),
          [],
        );
      });
    }
  }

  if (patches(expected.mutate)) {
    const patched = podNaming(expected.mutate.role, request.object);

    test('is patched in the role alone', () => {
      const { patch } = answerOf('mutate');
      const paths = patch.map(({ path }) => path);

      assertSamePod(applyPatch(request.object, patch), patched);
      assert.deepEqual(
        paths.filter((path) => path !== ROLE_PATH && path !== ANNOTATIONS_PATH),
        [],
      );
    });

    test('is settled once it was patched', () => {
      const again = answerOf('mutate', patched);

      assert.deepEqual(again.patch, []);
      assert.deepEqual(again.parts.auditAnnotations, {});
      assert.equal(answerOf('validate', patched).envelope.allowed, true);
    });
  }

  if (allowlists.length > 1) {
    test('is answered the same whatever the order of the allowlists', () => {
      const reversed = { ...podCase, allowlists: allowlists.toReversed() };

      for (const phase of PHASES) {
        assert.deepEqual(decidePod(phase, request, reversed), decidePod(phase, request, podCase));
      }
    });
  }
}
