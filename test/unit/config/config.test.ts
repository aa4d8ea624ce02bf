import assert from 'node:assert/strict';
import process from 'node:process';
import { suite, test } from 'node:test';
import packageJson from '../../../package.json' with { type: 'json' };
import { type Config, type ConfigDefaults, parseConfig } from '../../../src/config/config.ts';
import { SERVER_OPTIONS } from '../../../src/config/options.ts';
import { ConfigError, environmentVariable, optionInfo, toFlag } from '../../../src/config/parse.ts';
import { PROJECT, runProcess } from '../../support/run-process.ts';

const REQUIRED = ['--allowlists=lists', '--tls-cert-file=tls.crt', '--tls-private-key-file=tls.key'];

const FILES = { mode: 'files', tlsCertFile: 'tls.crt', tlsPrivateKeyFile: 'tls.key' };

const DEFAULTS = {
  source: { kind: 'file', allowlists: 'lists' },
  tls: FILES,
  kubeconfig: undefined,
  installationFile: undefined,
  bindAddress: undefined,
  securePort: 8443,
  probePort: 8081,
  settings: {
    unlistedNamespaces: 'Deny',
    protectedRoles: ['KubernetesMasterRole-*', 'KubernetesWorkerRole-*'],
    eciDetection: 'markers',
  },
  bounds: { maxEntries: 500_000, delegations: [] },
  excludedNamespaces: ['kube-system'],
  unmutatedNamespaces: ['kube-system'],
  ownMetadataKinds: [],
  workloadsAction: 'Warn',
  injectorsAction: 'Deny',
  drainDelayMs: 10_000,
  logLevel: 'info',
};

/** Every flag with a value that is not its default, and what the configuration then differs in. */
const GOOD_VALUES = [
  { flag: 'allowlists', text: 'other', changed: { source: { kind: 'file', allowlists: 'other' } } },
  { flag: 'tls-cert-file', text: 'other', changed: { tls: { ...FILES, tlsCertFile: 'other' } } },
  { flag: 'tls-private-key-file', text: 'other', changed: { tls: { ...FILES, tlsPrivateKeyFile: 'other' } } },
  { flag: 'kubeconfig', text: 'other', changed: { kubeconfig: 'other' } },
  { flag: 'installation-file', text: 'other', changed: { installationFile: 'other' } },
  { flag: 'bind-address', text: '127.0.0.1', changed: { bindAddress: '127.0.0.1' } },
  { flag: 'bind-address', text: '::', changed: { bindAddress: '::' } },
  { flag: 'secure-port', text: '9443', changed: { securePort: 9443 } },
  { flag: 'secure-port', text: '0', changed: { securePort: 0 } },
  { flag: 'secure-port', text: '65535', changed: { securePort: 65_535 } },
  { flag: 'probe-port', text: '9081', changed: { probePort: 9081 } },
  ...['Deny', 'Strip', 'Warn', 'Audit'].map((action) => ({
    flag: 'unlisted-namespaces',
    text: action,
    changed: { settings: { ...DEFAULTS.settings, unlistedNamespaces: action } },
  })),
  {
    flag: 'protected-roles',
    text: 'admin, root-*,',
    changed: { settings: { ...DEFAULTS.settings, protectedRoles: ['admin', 'root-*'] } },
  },
  {
    flag: 'protected-roles',
    text: '',
    changed: { settings: { ...DEFAULTS.settings, protectedRoles: [] } },
  },
  {
    flag: 'eci-detection',
    text: 'all-pods',
    changed: { settings: { ...DEFAULTS.settings, eciDetection: 'all-pods' } },
  },
  { flag: 'excluded-namespaces', text: '', changed: { excludedNamespaces: [] } },
  { flag: 'excluded-namespaces', text: 'a, b-1', changed: { excludedNamespaces: ['a', 'b-1'] } },
  {
    flag: 'own-metadata-kinds',
    text: 'taskruns.tekton.dev, notebooks.kubeflow.org',
    changed: { ownMetadataKinds: ['taskruns.tekton.dev', 'notebooks.kubeflow.org'] },
  },
  { flag: 'unmutated-namespaces', text: 'a, b-1', changed: { unmutatedNamespaces: ['a', 'b-1'] } },
  ...['Deny', 'Off'].map((action) => ({
    flag: 'workloads-action',
    text: action,
    changed: { workloadsAction: action },
  })),
  ...['Warn', 'Off'].map((action) => ({
    flag: 'injectors-action',
    text: action,
    changed: { injectorsAction: action },
  })),
  {
    flag: 'max-allowlist-entries',
    text: '1000',
    changed: { bounds: { maxEntries: 1_000, delegations: [] } },
  },
  {
    flag: 'delegations',
    text: 'team-a-:5000:team-a team-a-*,team-b.::team-b',
    changed: {
      bounds: {
        maxEntries: 500_000,
        delegations: [
          { listNamePrefix: 'team-a-', maxEntries: 5_000, namespaces: ['team-a', 'team-a-*'] },
          { listNamePrefix: 'team-b.', maxEntries: undefined, namespaces: ['team-b'] },
        ],
      },
    },
  },
  { flag: 'drain-delay', text: '0s', changed: { drainDelayMs: 0 } },
  { flag: 'drain-delay', text: '500ms', changed: { drainDelayMs: 500 } },
  { flag: 'drain-delay', text: '2m', changed: { drainDelayMs: 120_000 } },
  { flag: 'drain-delay', text: '60m', changed: { drainDelayMs: 3_600_000 } },
  ...['fatal', 'error', 'warn', 'debug', 'trace'].map((level) => ({
    flag: 'log-level',
    text: level,
    changed: { logLevel: level },
  })),
];

const PORT = 'a port from 0 (any free one) to 65535';
const DURATION = 'a duration up to 60m, such as 500ms, 10s, 1m';
const ADDRESS = 'an IP address such as 127.0.0.1 or ::';
const ROLES = 'role names separated by commas; * matches any number of characters';

const BAD_VALUES = [
  ...['999', '100000001', '1e4', ''].map((text) => ({
    flag: 'max-allowlist-entries',
    text,
    expected: 'a number from 1000 to 100000000',
  })),
  ...['team-a-', 'team-a-:5', ':5:team-a', 'team-a-:x:team-a', 'team-a-:5:', 'team-a-:5:a  b'].map(
    (text) => ({
      flag: 'delegations',
      text,
      expected: 'delegations as prefix:entries:namespaces, separated by commas',
    }),
  ),
  {
    flag: 'delegations',
    text: 'a:300000:a,b:200000:b',
    expected: 'fewer entries than --max-allowlist-entries together',
  },
  { flag: 'source', text: 'files', expected: 'file, cluster' },
  { flag: 'tls-mode', text: 'self', expected: 'files, self-managed' },
  { flag: 'kubeconfig', text: '', expected: 'a path' },
  { flag: 'installation-file', text: '', expected: 'a path' },
  { flag: 'allowlists', text: '', expected: 'the path of a file or directory' },
  { flag: 'tls-cert-file', text: '', expected: 'a path' },
  { flag: 'tls-private-key-file', text: '', expected: 'a path' },
  { flag: 'bind-address', text: 'localhost', expected: ADDRESS },
  { flag: 'bind-address', text: '', expected: ADDRESS },
  { flag: 'bind-address', text: '127.0.0.256', expected: ADDRESS },
  ...['65536', '-1', '1e3', '0x10', '', ' 80', 'http', '8443.0'].flatMap((text) =>
    ['secure-port', 'probe-port'].map((flag) => ({ flag, text, expected: PORT })),
  ),
  ...['deny', '', 'Deny,Warn', 'constructor'].map((text) => ({
    flag: 'unlisted-namespaces',
    text,
    expected: 'Deny, Strip, Warn, Audit',
  })),
  { flag: 'protected-roles', text: 'acs:ram::1:role/admin', expected: ROLES },
  { flag: 'protected-roles', text: 'a b', expected: ROLES },
  ...['kube-*', 'Kube', '-a', 'a.b'].map((text) => ({
    flag: 'excluded-namespaces',
    text,
    expected: 'names of namespaces separated by commas',
  })),
  { flag: 'workloads-action', text: 'warn', expected: 'Deny, Warn, Off' },
  { flag: 'injectors-action', text: '', expected: 'Deny, Warn, Off' },
  { flag: 'eci-detection', text: 'all', expected: 'markers, all-pods' },
  ...['10', '10 s', '-1s', '1h', '1.5s', '', '61m', '99999999999999999999m', 's'].map((text) => ({
    flag: 'drain-delay',
    text,
    expected: DURATION,
  })),
  { flag: 'log-level', text: 'silent', expected: 'fatal, error, warn, info, debug, trace' },
];

type Environment = Readonly<Record<string, string>>;

/** Parses in an environment with these variables alone. */
function parse(
  argv: readonly string[],
  environment: Environment = {},
  defaults: ConfigDefaults = {},
): Config {
  const before = process.env;
  process.env = { ...environment };
  try {
    return parseConfig(argv, defaults);
  } finally {
    process.env = before;
  }
}

function problemsOf(argv: readonly string[], environment: Environment = {}): readonly string[] {
  try {
    parse(argv, environment);
  } catch (error) {
    assert(error instanceof ConfigError);
    return error.message.split('\n');
  }
  return [];
}

suite('parseConfig', () => {
  test('takes the documented defaults where only what is required is given', () => {
    assert.deepEqual(parse(REQUIRED), DEFAULTS);
  });

  for (const { flag, text, changed } of GOOD_VALUES) {
    test(`takes ${JSON.stringify(text)} for --${flag}`, () => {
      assert.deepEqual(parse([...REQUIRED, `--${flag}=${text}`]), { ...DEFAULTS, ...changed });
    });

    test(`takes ${JSON.stringify(text)} from ${environmentVariable(flag)}`, () => {
      const others = REQUIRED.filter((argument) => !argument.startsWith(`--${flag}=`));
      assert.deepEqual(parse(others, { [environmentVariable(flag)]: text }), {
        ...DEFAULTS,
        ...changed,
      });
    });
  }

  for (const { flag, text, expected } of BAD_VALUES) {
    const others = REQUIRED.filter((argument) => !argument.startsWith(`--${flag}=`));

    test(`refuses ${JSON.stringify(text)} for --${flag}`, () => {
      assert.deepEqual(problemsOf([...others, `--${flag}=${text}`]), [
        `--${flag}: expected ${expected}, found ${JSON.stringify(text)}`,
      ]);
    });

    test(`refuses ${JSON.stringify(text)} from ${environmentVariable(flag)}, and says where it came from`, () => {
      const variable = environmentVariable(flag);
      assert.deepEqual(problemsOf(others, { [variable]: text }), [
        `--${flag} (from ${variable}): expected ${expected}, found ${JSON.stringify(text)}`,
      ]);
    });
  }

  test('takes what the replicas share where the certificate is self-managed, and needs no files then', () => {
    const config = parse([
      ...['--source=cluster', '--tls-mode=self-managed', '--namespace=system', '--tls-secret-name=tls'],
      ...['--service-name=webhook', '--webhook-configuration-name=eci'],
    ]);
    assert.deepEqual(config, {
      ...DEFAULTS,
      source: { kind: 'cluster' },
      tls: {
        mode: 'self-managed',
        namespace: 'system',
        secretName: 'tls',
        serviceName: 'webhook',
        webhookConfigurationName: 'eci',
      },
    });
  });

  test('refuses files that nothing would read, but not those of its caller', () => {
    assert.deepEqual(problemsOf([...REQUIRED, '--source=cluster', '--tls-mode=self-managed']).slice(0, 3), [
      '--allowlists: expected nothing with --source cluster, found "lists"',
      '--tls-cert-file: expected nothing with --tls-mode self-managed, found "tls.crt"',
      '--tls-private-key-file: expected nothing with --tls-mode self-managed, found "tls.key"',
    ]);
    const files = { tlsCertFile: 'tls.crt', tlsPrivateKeyFile: 'tls.key' };
    const config = parse(['--source=cluster'], {}, { allowlists: 'examples', ...files });
    assert.deepEqual(config.source, { kind: 'cluster' });
  });

  test('tells what a self-managed certificate needs', () => {
    const problems = problemsOf(['--source=cluster', '--tls-mode=self-managed', '--service-name=A']);
    assert.deepEqual(
      problems.map((problem) => problem.split(':')[0]),
      ['--namespace', '--tls-secret-name', '--service-name', '--webhook-configuration-name'],
    );
  });

  test('prefers the command line to the environment, and the environment to defaults', () => {
    const environment = {
      ECI_RAM_ROLE_WEBHOOK_SECURE_PORT: '1001',
      ECI_RAM_ROLE_WEBHOOK_PROBE_PORT: '1002',
    };
    const defaults = { securePort: '2001', probePort: '2002', drainDelay: '0s' };
    const config = parse([...REQUIRED, '--secure-port=3001'], environment, defaults);
    assert.deepEqual(config, { ...DEFAULTS, securePort: 3001, probePort: 1002, drainDelayMs: 0 });
  });

  test('lets a good command line hide a bad environment', () => {
    const environment = { ECI_RAM_ROLE_WEBHOOK_SECURE_PORT: 'bad' };
    assert.deepEqual(problemsOf([...REQUIRED, '--secure-port=1'], environment), []);
  });

  test('is frozen, settings and protected roles too', () => {
    const config = parse(REQUIRED);
    assert(Object.isFrozen(config));
    assert(Object.isFrozen(config.source) && Object.isFrozen(config.tls));
    assert(Object.isFrozen(config.settings));
    assert(Object.isFrozen(config.settings.protectedRoles));
  });

  test('tells all problems at once', () => {
    assert.deepEqual(problemsOf(['--secure-port=x', '--drain-delay=y', '--log-level=z']), [
      '--allowlists: expected the path of a file or directory (or set ECI_RAM_ROLE_WEBHOOK_ALLOWLISTS), found nothing',
      '--tls-cert-file: expected a path (or set ECI_RAM_ROLE_WEBHOOK_TLS_CERT_FILE), found nothing',
      '--tls-private-key-file: expected a path (or set ECI_RAM_ROLE_WEBHOOK_TLS_PRIVATE_KEY_FILE), found nothing',
      '--secure-port: expected a port from 0 (any free one) to 65535, found "x"',
      '--drain-delay: expected a duration up to 60m, such as 500ms, 10s, 1m, found "y"',
      '--log-level: expected fatal, error, warn, info, debug, trace, found "z"',
    ]);
  });

  test('reports all problems of the command line and the environment at once', () => {
    const argv = ['--source=cluster', '--allowlists=lists', '--tls-mode=self-managed', '--namespace=system'];
    const values = [
      '--secure-port=9000',
      '--probe-port=9000',
      '--protected-roles=a b',
      '--eci-detection=all',
    ];
    const environment = {
      ECI_RAM_ROLE_WEBHOOK_TLS_SECRET_NAME: 'Tls',
      ECI_RAM_ROLE_WEBHOOK_SERVICE_NAME: 'webhook',
      ECI_RAM_ROLE_WEBHOOK_UNMUTATED_NAMESPACES: 'A',
    };
    const name = 'the name of a Kubernetes object, of lower-case letters, digits or . -';
    assert.deepEqual(problemsOf([...argv, ...values, '--log-levle'], environment), [
      "unknown option '--log-levle' (Did you mean --log-level?); --help lists the options",
      '--allowlists: expected nothing with --source cluster, found "lists"',
      `--tls-secret-name (from ECI_RAM_ROLE_WEBHOOK_TLS_SECRET_NAME): expected ${name}, found "Tls"`,
      `--webhook-configuration-name: expected ${name} (or set ECI_RAM_ROLE_WEBHOOK_WEBHOOK_CONFIGURATION_NAME), found nothing`,
      `--protected-roles: expected ${ROLES}, found "a b"`,
      '--eci-detection: expected markers, all-pods, found "all"',
      '--unmutated-namespaces (from ECI_RAM_ROLE_WEBHOOK_UNMUTATED_NAMESPACES): expected names of namespaces separated by commas, found "A"',
      '--probe-port: expected another port than --secure-port, found "9000"',
    ]);
  });

  test('does not compare ports that are not valid', () => {
    assert.deepEqual(problemsOf([...REQUIRED, '--secure-port=x', '--probe-port=x']), [
      `--secure-port: expected ${PORT}, found "x"`,
      `--probe-port: expected ${PORT}, found "x"`,
    ]);
  });

  test('checks the options of the default mode if the mode is unknown', () => {
    assert.deepEqual(problemsOf(['--source=files', '--tls-mode=', '--tls-cert-file=tls.crt']), [
      '--source: expected file, cluster, found "files"',
      '--allowlists: expected the path of a file or directory (or set ECI_RAM_ROLE_WEBHOOK_ALLOWLISTS), found nothing',
      '--tls-mode: expected files, self-managed, found ""',
      '--tls-private-key-file: expected a path (or set ECI_RAM_ROLE_WEBHOOK_TLS_PRIVATE_KEY_FILE), found nothing',
    ]);
  });

  test('ignores the options of a self-managed certificate if the certificate comes from files', () => {
    assert.deepEqual(parse([...REQUIRED, '--namespace=', '--service-name=A']), DEFAULTS);
  });

  test('never adds to a value of the environment or of a default', () => {
    const environment = { ECI_RAM_ROLE_WEBHOOK_EXCLUDED_NAMESPACES: 'a' };
    const argv = [...REQUIRED, '--excluded-namespaces=kube-system', '--excluded-namespaces=b'];
    const defaults = { excludedNamespaces: 'c' };
    assert.deepEqual(parse(argv, environment, defaults).excludedNamespaces, ['kube-system', 'b']);
    assert.deepEqual(parse(REQUIRED, environment, defaults).excludedNamespaces, ['a']);
    assert.deepEqual(parse(REQUIRED, {}, defaults).excludedNamespaces, ['c']);
  });

  test('refuses one port for both servers, unless any free ones will do', () => {
    assert.deepEqual(problemsOf([...REQUIRED, '--secure-port=9000', '--probe-port=9000']), [
      '--probe-port: expected another port than --secure-port, found "9000"',
    ]);
    assert.deepEqual(problemsOf([...REQUIRED, '--secure-port=0', '--probe-port=0']), []);
  });

  test('keeps a value that breaks a line on one line', () => {
    assert.deepEqual(problemsOf([...REQUIRED, '--log-level=a\nb']), [
      '--log-level: expected fatal, error, warn, info, debug, trace, found "a\\nb"',
    ]);
  });

  for (const { argv, line } of [
    { argv: ['--unknown'], line: "unknown option '--unknown'; --help lists the options" },
    {
      argv: ['--secure-prot=1'],
      line: "unknown option '--secure-prot=1' (Did you mean --secure-port?); --help lists the options",
    },
    {
      argv: ['--secure-port'],
      line: "option '--secure-port <port>' argument missing; --help lists the options",
    },
    {
      argv: ['stray'],
      line: 'too many arguments. Expected 0 arguments but got 1: stray; --help lists the options',
    },
    { argv: ['-x'], line: "unknown option '-x'; --help lists the options" },
  ]) {
    test(`refuses ${argv.join(' ')} in one line`, () => {
      assert.deepEqual(problemsOf([...REQUIRED, ...argv]), [line]);
    });
  }

  test('takes the last of a flag that is repeated', () => {
    const { securePort } = parse([...REQUIRED, '--secure-port=1', '--secure-port=2']);
    assert.equal(securePort, 2);
  });

  test('protects what each of several --protected-roles names', () => {
    const argv = [...REQUIRED, '--protected-roles=admin', '--protected-roles', 'root-*,owner'];
    assert.deepEqual(parse(argv).settings.protectedRoles, ['admin', 'root-*', 'owner']);
  });
});

suite('the command line', () => {
  test('prints its help, with every option, its environment variable and its description, and exits with 0', async (t) => {
    const { ended, stdout, stderr } = runProcess(t, 'node', ['src/main.ts', '--help']);
    assert.equal(await ended, 0);
    assert.equal(stderr(), '');
    const help = stdout().replaceAll(/\s+/g, ' ');
    for (const [name, schema] of Object.entries(SERVER_OPTIONS.shape)) {
      const { argument, description = '' } = optionInfo.get(schema) ?? {};
      assert.match(description, /\w{3}/, name);
      assert.ok(help.includes(` --${toFlag(name)} <${argument}> ${description}`), name);
      assert.match(help, new RegExp(`env: ${environmentVariable(toFlag(name))}\\)`));
    }
    for (const flag of GOOD_VALUES.map((value) => value.flag)) {
      assert.ok(help.includes(` --${flag} <`), flag);
    }
    for (const line of stdout().split('\n')) {
      assert(line.length <= 120, `too long to read: ${line}`);
    }
  });

  test('prints its version and exits with 0', async (t) => {
    const { ended, stdout } = runProcess(t, 'node', ['src/main.ts', '--version']);
    assert.equal(await ended, 0);
    assert.equal(stdout(), `${packageJson.version}\n`);
  });

  test('prints all problems, no stack trace, and exits with 1', async (t) => {
    const { ended, stdout, stderr } = runProcess(t, 'node', [
      `${PROJECT}/src/main.ts`,
      ...REQUIRED,
      '--secure-port=x',
      '--log-level=y',
    ]);
    assert.equal(await ended, 1);
    assert.equal(stdout(), '');
    assert.deepEqual(stderr().trimEnd().split('\n'), [
      '--secure-port: expected a port from 0 (any free one) to 65535, found "x"',
      '--log-level: expected fatal, error, warn, info, debug, trace, found "y"',
    ]);
  });
});
