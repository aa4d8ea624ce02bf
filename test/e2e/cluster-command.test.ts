// npm run cluster, as its user sees it.
import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { copyProject } from './cluster-command/copy-project.ts';
import { expectNothingLeft } from './cluster-command/expect-nothing-left.ts';
import { type ClusterCommand, startCommand } from './cluster-command/start-command.ts';
import { runCommand } from './harness/run-command.ts';
import { waitFor } from './harness/wait-for.ts';

const RELEASE = 'eci-ram-role-webhook';
const IN_NAMESPACE = '--namespace eci-ram-role-system';

suite('npm run cluster', () => {
  let directory = '';
  /** A copy, because other tests run the bundle of this checkout meanwhile. */
  let project = '';
  let first: ClusterCommand;
  let env: Record<string, string> = {};

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'cluster-command-'));
    project = join(directory, 'project');
    copyProject(project);
    writeFileSync(join(directory, 'one.yaml'), 'drainDelaySeconds: 1\nreplicas: 3\n');
    writeFileSync(join(directory, 'two.yaml'), 'replicas: 1\n');
    const values = ['one', 'two'].map((name) => `--values=${join(directory, `${name}.yaml`)}`);
    first = startCommand(directory, values, project);
    env = await first.ready();
  });

  after(async () => {
    first?.child.kill();
    await first?.exit();
    rmSync(directory, { recursive: true, force: true });
  });

  async function type(command: string, environment = env): Promise<string> {
    const { code, stdout, stderr } = await runCommand('sh', ['-c', command], {
      cwd: project,
      env: environment,
    });
    assert.equal(code, 0, `${command}: ${stdout}${stderr}`);
    return stdout.trim();
  }

  test('the three commands that it prints show a pod with its role', async () => {
    const commands = [...first.output().matchAll(/^ {2}(kubectl .*)$/gm)].map(([, command = '']) => command);
    assert.equal(commands.length, 3);
    const [applyList = '', applyDeployment = '', getPods = ''] = commands;
    await type(applyList);
    await type(applyDeployment);
    await waitFor('the pod', async () => /^test-\S+ +ECIRamRoleTest$/m.test(await type(getPods)));
  });

  test('values are those of all files, of which a later one counts before an earlier one', async () => {
    const values = JSON.parse(await type(`helm get values ${RELEASE} ${IN_NAMESPACE} --output json`));
    assert.deepEqual(values, { drainDelaySeconds: 1, replicas: 1 });
  });

  test('a second terminal can upgrade, and delete pods', async () => {
    const chart = `charts/${RELEASE} ${IN_NAMESPACE}`;
    await type(
      `helm upgrade ${RELEASE} ${chart} --wait --reset-then-reuse-values --set unlistedNamespaces=Warn`,
    );
    const selector = `${IN_NAMESPACE} --selector app.kubernetes.io/component=webhook`;
    assert.match(await type(`kubectl get pods ${selector} --output yaml`), /--unlisted-namespaces=Warn/);
    await type(`kubectl delete pods ${selector} --wait`);
    await type(`kubectl rollout status deployment ${IN_NAMESPACE} --timeout=60s`);
  });

  test('a rebuilt dist is picked up at the next start of a pod', async () => {
    const bundle = join(project, 'dist/eci-ram-role-webhook.cjs');
    const [, ...lines] = readFileSync(bundle, 'utf8').split('\n');
    // As the build does, in a new file: containers that run keep the old one.
    writeFileSync(`${bundle}.new`, ['console.log("rebuilt");', ...lines].join('\n'));
    renameSync(`${bundle}.new`, bundle);
    await type(`kubectl rollout restart deployment ${IN_NAMESPACE}`);
    await type(`kubectl rollout status deployment ${IN_NAMESPACE} --timeout=60s`);
    const logs = `kubectl logs ${IN_NAMESPACE} --selector app.kubernetes.io/component=webhook --tail=-1`;
    await waitFor('the new server to speak', async () => /^rebuilt$/m.test(await type(logs)));
  });

  test('a second one runs beside it, and a SIGTERM to npm ends all of that one alone', async () => {
    const second = startCommand(directory, ['--no-install'], project);
    const environment = await second.ready();
    assert.equal(
      await type('kubectl get namespaces eci-ram-role-system --ignore-not-found', environment),
      '',
    );
    second.child.kill('SIGTERM');
    await second.exit();
    await expectNothingLeft(dirname(environment['KUBECONFIG'] ?? ''));
    await type('kubectl get namespaces eci-ram-role-system');
  });

  test('Ctrl-C in the midst of the installation leaves nothing', async () => {
    const own = join(directory, 'third');
    mkdirSync(own);
    const third = startCommand(own, [], project);
    await third.says(/^Installing/m);
    third.pressCtrlC();
    assert.equal(await third.exit(), 0);
    assert.doesNotMatch(third.output(), /Error|ended with/);
    assert.deepEqual(readdirSync(own), []);
    await expectNothingLeft(join(own, 'e2e-'));
  });

  test('Ctrl-C ends everything', async () => {
    first.pressCtrlC();
    assert.equal(await first.exit(), 0);
    await expectNothingLeft(dirname(env['KUBECONFIG'] ?? ''));
  });
});
