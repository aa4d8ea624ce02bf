// What the tests of documents compare and write.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseConsoleCommands, replaceOutputs } from '../e2e/documents/console-commands.ts';
import { isSameOutput } from '../e2e/documents/same-output.ts';

const FILE = { path: 'a/pod.yaml', content: '# a/pod.yaml\nkind: Pod\n' };

const MARKDOWN = `# One

\`\`\`console
$ kubectl get pods
NAME
$ helm install \\
    chart
\`\`\`

## Two

\`\`\`yaml
kind: Pod
\`\`\`

\`\`\`yaml
# a/pod.yaml
kind: Pod
\`\`\`

\`\`\`sh
not this one
\`\`\`

\`\`\`console
$ kubectl apply
Error from server
for: a pod
\`\`\`
`;

suite('the commands of a document', () => {
  test('are found with their sections, files and outputs', () => {
    assert.deepEqual(parseConsoleCommands(MARKDOWN), [
      { section: 'One', files: [], command: 'kubectl get pods', output: ['NAME'] },
      { section: 'One', files: [], command: 'helm install \\\n    chart', output: [] },
      {
        section: 'Two',
        files: [FILE],
        command: 'kubectl apply',
        output: ['Error from server', 'for: a pod'],
      },
    ]);
  });

  test('keep the document as it is where no output is given', () => {
    assert.equal(replaceOutputs(MARKDOWN, []), MARKDOWN);
  });

  test('are given other outputs, each its own', () => {
    assert.equal(
      replaceOutputs(MARKDOWN, [undefined, 'NAME: $1\nSTATUS: $&\n', 'pod created\n']),
      MARKDOWN.replace('    chart\n', () => '    chart\nNAME: $1\nSTATUS: $&\n').replace(
        'Error from server\nfor: a pod',
        'pod created',
      ),
    );
  });
});

suite('an output is that of a document', () => {
  const cases = [
    { name: 'where it is the same', shown: ['pod/a created'], printed: 'pod/a created\n', same: true },
    { name: 'not where a word differs', shown: ['role "reader"'], printed: 'role "writer"', same: false },
    { name: 'not where a line is missing', shown: ['one', 'two'], printed: 'one', same: false },
    {
      name: 'where an ellipsis stands for lines',
      shown: ['one', '…', 'four'],
      printed: 'one\n2\n3\nfour',
      same: true,
    },
    {
      name: 'where only the time that is left differs',
      shown: ['for 3h 59min more, until 2026-11-25T18:34:56Z: incident'],
      printed: 'for 45s more, until 2027-01-01T00:00:00Z: incident',
      same: true,
    },
    {
      name: 'where only an address differs',
      shown: ['dial tcp 172.21.3.248:443: connect: connection refused'],
      printed: 'dial tcp 127.96.0.1:443: connect: connection refused',
      same: true,
    },
    {
      name: 'where only generated names differ',
      shown: ['test-fd88b5d67-jqgz4', 'checkout-888d76dd'],
      printed: 'test-7f6c9d8b54-x2v5n\ncheckout-5b7c9f6d84',
      same: true,
    },
    {
      name: 'not where another name differs',
      shown: ['payments-reader'],
      printed: 'payments-writer',
      same: false,
    },
  ];
  for (const { name, shown, printed, same } of cases) {
    test(name, () => assert.equal(isSameOutput(shown, printed), same));
  }
});
