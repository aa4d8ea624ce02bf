// Builds the programs of the end-to-end tests; with --cluster only those that `npm run cluster` uses.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  builtToolsDirectory,
  clusterTools,
  controlPlaneTools,
  findKubebuilderAssets,
  isExecutable,
  type ToolName,
} from '../test/e2e/harness/find-tools.ts';

/** One program: the folder of test/e2e/tools whose go.mod pins it, the package to build, what the linker writes into it. */
type Tool = {
  name: ToolName;
  folder: string;
  package: string;
  version: string;
  variables: string[];
  tags?: string;
};

const modulesDirectory = join(import.meta.dirname, '../test/e2e/tools');
// The form in which ACK reports its version: a pre-release to semver, which charts must accept.
const kubernetesVersion = `${pinnedVersion('kubernetes', 'k8s.io/kubernetes')}-aliyun.1`;

const tools: Tool[] = [
  {
    name: 'etcd',
    folder: 'etcd',
    package: 'go.etcd.io/etcd/server/v3',
    version: pinnedVersion('etcd', 'go.etcd.io/etcd/server/v3'),
    variables: [],
  },
  kubernetesTool('kube-apiserver'),
  kubernetesTool('kube-controller-manager'),
  kubernetesTool('kube-scheduler'),
  kubernetesTool('kubectl'),
  helmTool('helm3', 'helm.sh/helm/v3'),
  helmTool('helm4', 'helm.sh/helm/v4'),
  {
    name: 'kubeconform',
    folder: 'kubeconform',
    package: 'github.com/yannh/kubeconform/cmd/kubeconform',
    version: pinnedVersion('kubeconform', 'github.com/yannh/kubeconform'),
    variables: [`main.version=${pinnedVersion('kubeconform', 'github.com/yannh/kubeconform')}`],
  },
  {
    name: 'promtool',
    folder: 'prometheus',
    package: 'github.com/prometheus/prometheus/cmd/promtool',
    version: pinnedVersion('prometheus', 'github.com/prometheus/prometheus'),
    variables: [],
    // Without the clients of all clouds, which are most of it.
    tags: 'remove_all_sd',
  },
];

function kubernetesTool(name: ToolName): Tool {
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)\./.exec(kubernetesVersion) ?? [];
  const variablesOf = 'k8s.io/component-base/version';
  return {
    name,
    folder: 'kubernetes',
    package: `k8s.io/kubernetes/cmd/${name}`,
    version: kubernetesVersion,
    variables: [
      `${variablesOf}.gitVersion=${kubernetesVersion}`,
      `${variablesOf}.gitMajor=${major}`,
      `${variablesOf}.gitMinor=${minor}`,
    ],
  };
}

function helmTool(name: 'helm3' | 'helm4', module: string): Tool {
  const version = pinnedVersion(name, module);
  const variables = [`${module}/internal/version.version=${version}`];
  if (name === 'helm3') {
    // Released binaries carry these; without them `helm template` plays Kubernetes 1.20.
    const [, minor = ''] = /^v0\.(\d+)\./.exec(pinnedVersion(name, 'k8s.io/client-go')) ?? [];
    for (const target of ['pkg/chartutil', 'pkg/lint/rules']) {
      variables.push(`${module}/${target}.k8sVersionMajor=1`, `${module}/${target}.k8sVersionMinor=${minor}`);
    }
  }
  return { name, folder: name, package: `${module}/cmd/helm`, version, variables };
}

/** The version that a folder's go.mod requires of a module; throws when it does not require it. */
function pinnedVersion(folder: string, module: string): string {
  const text = readFileSync(join(modulesDirectory, folder, 'go.mod'), 'utf8');
  for (const line of text.split('\n')) {
    const [name, version] = line
      .replace(/^require\s/, '')
      .trim()
      .split(/\s+/);
    if (name === module && version?.startsWith('v')) {
      return version;
    }
  }
  throw new Error(`test/e2e/tools/${folder}/go.mod does not require ${module}`);
}

function stampOf(tool: Tool): string {
  const hash = createHash('sha256').update([tool.package, tool.tags ?? [], tool.variables].flat().join('\n'));
  for (const file of ['go.mod', 'go.sum']) {
    hash.update(readFileSync(join(modulesDirectory, tool.folder, file)));
  }
  return `${tool.version} ${hash.digest('hex')}\n`;
}

function isBuilt(tool: Tool): boolean {
  try {
    const stamp = readFileSync(join(builtToolsDirectory, `${tool.name}.stamp`), 'utf8');
    return stamp === stampOf(tool) && isExecutable(join(builtToolsDirectory, tool.name));
  } catch {
    return false;
  }
}

/** Builds beside the target and renames, so that an interrupted build never leaves half a program. */
function build(tool: Tool): void {
  const started = performance.now();
  const partial = join(builtToolsDirectory, `${tool.name}.${process.pid}.partial`);
  const linkerFlags = ['-s', '-w', ...tool.variables.map((variable) => `-X ${variable}`)].join(' ');
  const result = spawnSync(
    'go',
    [
      ...['build', '-trimpath', '-buildvcs=false', '-ldflags', linkerFlags],
      ...(tool.tags === undefined ? [] : ['-tags', tool.tags]),
      ...['-o', partial, tool.package],
    ],
    {
      cwd: join(modulesDirectory, tool.folder),
      env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' },
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  if (result.status !== 0) {
    throw new Error(`${tool.name} ${tool.version}: go build failed (see above)`);
  }
  renameSync(partial, join(builtToolsDirectory, tool.name));
  writeFileSync(join(builtToolsDirectory, `${tool.name}.stamp`), stampOf(tool));
  console.log(`${tool.name} ${tool.version}: built in ${Math.round((performance.now() - started) / 1000)} s`);
}

function run(): void {
  mkdirSync(builtToolsDirectory, { recursive: true });
  const given: readonly string[] = findKubebuilderAssets() === undefined ? [] : controlPlaneTools;
  const wanted: readonly string[] = process.argv.includes('--cluster')
    ? clusterTools
    : tools.map(({ name }) => name);
  for (const tool of tools.filter(({ name }) => wanted.includes(name))) {
    if (given.includes(tool.name)) {
      console.log(`${tool.name}: taken from KUBEBUILDER_ASSETS`);
    } else if (isBuilt(tool)) {
      console.log(`${tool.name} ${tool.version}: present`);
    } else if (spawnSync('go', ['version']).status !== 0) {
      throw new Error(
        `${tool.name} ${tool.version}: Go is needed to build it (version 1.26 or newer), and "go" is not on PATH`,
      );
    } else {
      const position = `${wanted.indexOf(tool.name) + 1} of ${wanted.length}`;
      console.log(`${tool.name} ${tool.version}: building, ${position}; this can take minutes`);
      build(tool);
    }
  }
}

try {
  run();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
