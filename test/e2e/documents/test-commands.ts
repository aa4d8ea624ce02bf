import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { linkTools } from '../../../scripts/cluster/link-tools.ts';
import { runCommand } from '../harness/run-command.ts';
import type { Cluster } from '../harness/start-cluster.ts';
import { waitFor } from '../harness/wait-for.ts';
import { type DocumentFile, parseConsoleCommands, replaceOutputs } from './console-commands.ts';
import { isSameOutput } from './same-output.ts';

const PROJECT = join(import.meta.dirname, '../../..');
const FAILURE = /^(?:error: |Error from server|no$|denied\t|newly-denied\t|fail {2}| {2}deny )/m;
/** What a reader may run again, for it changes nothing. */
const LOOK = /^kubectl (?:get|auth|diff)|--dry-run=server/;
/** What `kubectl auth can-i` says of every resource that has no namespace. */
const NO_NAMESPACE = /^Warning: resource '\w+' is not namespace scoped.*\n+/gm;

/** What a document's commands need. */
export type DocumentOptions = Readonly<{
  /** The document, from the project's directory. */
  document: string;
  /** Is called once the cluster is there. */
  getCluster: () => Cluster;
  /** Where they run, and where the files that the document shows are saved; the project's directory if left out. */
  getDirectory?: () => string;
  /** Adds commands to the directory of kubectl on the PATH. */
  link?: (bin: string) => void;
  /** What is done before the first command of a section, by the section's title. */
  preparations?: Readonly<Record<string, () => Promise<void>>>;
}>;

/**
 * Adds to the suite at hand a test for each command of a document's `console` blocks: run in the project's directory, it
 * prints what the document shows. With UPDATE_DOCS set, what was printed is written into the document instead.
 */
export function testCommands({
  document,
  getCluster,
  getDirectory = () => PROJECT,
  link = () => undefined,
  preparations = {},
}: DocumentOptions): void {
  const path = join(PROJECT, document);
  const markdown = readFileSync(path, 'utf8');
  const commands = parseConsoleCommands(markdown);
  const isUpdate = process.env['UPDATE_DOCS'] !== undefined;
  const outputs: (string | undefined)[] = [];
  const prepared = new Map<number, () => Promise<void>>();
  let env: Record<string, string>;

  before(() => {
    const { tools, directory, kubeconfigPath } = getCluster().controlPlane;
    const bin = linkTools(tools, directory);
    link(bin);
    env = { KUBECONFIG: kubeconfigPath, PATH: `${bin}:${process.env['PATH']}` };
  });

  after(() => {
    if (isUpdate) {
      writeFileSync(path, replaceOutputs(markdown, outputs));
    }
  });

  /** Standard output and standard error in one, as on a terminal. */
  async function run(command: string): Promise<string> {
    const options = { cwd: getDirectory(), env };
    const { code, stdout } = await runCommand('sh', ['-c', `exec 2>&1\n${command}`], options);
    const printed = stdout.replace(NO_NAMESPACE, '');
    assert.equal(code !== 0, FAILURE.test(printed), `ended with code ${code}: ${printed}`);
    return printed;
  }

  for (const [section, prepare] of Object.entries(preparations)) {
    const first = commands.findIndex((command) => command.section === section);
    assert.ok(first >= 0, `${document}: expected a command in section ${section}, found none`);
    prepared.set(first, prepare);
  }

  function save(files: readonly DocumentFile[]): void {
    for (const { path, content } of files) {
      const place = join(getDirectory(), path);
      mkdirSync(dirname(place), { recursive: true });
      writeFileSync(place, content);
    }
  }

  for (const [index, { command, output, files }] of commands.entries()) {
    test(`prints what ${basename(document)} shows: ${command}`, async () => {
      await prepared.get(index)?.();
      save(files);
      let printed = await run(command);
      if (LOOK.test(command)) {
        // A reader looks again too, until status, policies and pods are there.
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
