import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { linkTools } from '../../../scripts/cluster/link-tools.ts';
import { runCommand } from '../harness/run-command.ts';
import type { Cluster } from '../harness/start-cluster.ts';
import { waitFor } from '../harness/wait-for.ts';
import { parseConsoleCommands, replaceOutputs } from './console-commands.ts';
import { isSameOutput } from './same-output.ts';

const PROJECT = join(import.meta.dirname, '../../..');
const REFUSAL = /^(?:error: |Error from server)/m;

/** What a document's commands need. */
export type DocumentOptions = Readonly<{
  /** The document, from the project's directory. */
  document: string;
  /** Is called once the cluster is there. */
  getCluster: () => Cluster;
  /** What is done before the first command of a section, by the section's title. */
  preparations?: Readonly<Record<string, () => Promise<void>>>;
}>;

/**
 * Adds to the suite at hand a test for each command of a document's `console` blocks: run in the project's directory, it
 * prints what the document shows. With UPDATE_DOCS set, what was printed is written into the document instead.
 */
export function testCommands({ document, getCluster, preparations = {} }: DocumentOptions): void {
  const path = join(PROJECT, document);
  const markdown = readFileSync(path, 'utf8');
  const commands = parseConsoleCommands(markdown);
  const isUpdate = process.env['UPDATE_DOCS'] !== undefined;
  const outputs: (string | undefined)[] = [];
  const prepared = new Map<number, () => Promise<void>>();
  let env: Record<string, string>;

  before(() => {
    const { tools, directory, kubeconfigPath } = getCluster().controlPlane;
    env = { KUBECONFIG: kubeconfigPath, PATH: `${linkTools(tools, directory)}:${process.env['PATH']}` };
  });

  after(() => {
    if (isUpdate) {
      writeFileSync(path, replaceOutputs(markdown, outputs));
    }
  });

  /** Standard output and standard error in one, as on a terminal. */
  async function run(command: string): Promise<string> {
    const { code, stdout } = await runCommand('sh', ['-c', `exec 2>&1\n${command}`], { cwd: PROJECT, env });
    assert.equal(code !== 0, REFUSAL.test(stdout), `ended with code ${code}: ${stdout}`);
    return stdout;
  }

  for (const [section, prepare] of Object.entries(preparations)) {
    const first = commands.findIndex((command) => command.section === section);
    assert.ok(first >= 0, `${document}: expected a command in section ${section}, found none`);
    prepared.set(first, prepare);
  }

  for (const [index, { command, output }] of commands.entries()) {
    test(`prints what ${basename(document)} shows: ${command}`, async () => {
      await prepared.get(index)?.();
      let printed = await run(command);
      if (command.startsWith('kubectl get') && !isUpdate) {
        // A reader looks again too, until status and pods are there.
        const look = async (): Promise<boolean> => {
          printed = await run(command);
          return isSameOutput(output, printed);
        };
        await waitFor(`what ${document} shows`, look).catch(() => undefined);
      }
      const isSame = isSameOutput(output, printed);
      if (isUpdate) {
        outputs[index] = isSame ? undefined : printed;
        return;
      }
      assert.ok(isSame, `${document} shows another output; it is\n${printed}`);
    });
  }
}
