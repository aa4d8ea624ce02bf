// The entry of the server and of the command line, which is loaded only when it runs. The server is not: in the bundle, a module
// that is loaded on demand takes longer to parse.
import { basename } from 'node:path';
import process from 'node:process';
import { runServer } from './run.ts';

const SERVER = 'eci-ram-role-webhook';

/** The names by which the command line is started, and as users type them. */
const COMMAND_LINES: ReadonlyMap<string, string> = new Map([
  ['eci-ram-role', 'eci-ram-role'],
  ['kubectl-eci_ram_role', 'kubectl eci-ram-role'],
]);

const [, file = '', ...argv] = process.argv;
const [first = '-'] = argv;
const program = COMMAND_LINES.get(basename(file, '.cjs'));

if (program === undefined && first.startsWith('-')) {
  runServer(argv);
} else {
  import('./command-line/run.ts').then(({ runCommandLine }) => runCommandLine(program ?? SERVER, argv));
}
