import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTool } from '../chart/tools.ts';

/** A series with its labels, as Prometheus writes them, and its samples in promtool's notation: `0x10 1+1x5`. */
export type Series = Readonly<{ series: string; values: string }>;

export type RuleTest = Readonly<{
  /** The `spec` of a PrometheusRule. */
  rules: unknown;
  series: readonly Series[];
  /** Between two samples, such as `15s`. */
  interval: string;
  /** When the first sample was taken, in seconds since the epoch. */
  startsAt?: number;
}>;

/** The labels of the alerts of a name that fire at a time such as `10m` after the first sample, as promtool evaluates the rules. */
export function listFiring(
  test: RuleTest,
  alert: string,
  at: string,
): readonly Readonly<Record<string, string>>[] {
  const directory = mkdtempSync(join(tmpdir(), 'promtool-'));
  try {
    writeFileSync(join(directory, 'rules.yaml'), JSON.stringify(test.rules));
    writeFileSync(
      join(directory, 'test.yaml'),
      JSON.stringify({
        rule_files: ['rules.yaml'],
        evaluation_interval: test.interval,
        tests: [
          {
            interval: test.interval,
            ...(test.startsAt !== undefined && { start_timestamp: test.startsAt }),
            input_series: test.series,
            // No alert is expected, so that promtool prints those that fire.
            alert_rule_test: [{ eval_time: at, alertname: alert, exp_alerts: [] }],
          },
        ],
      }),
    );
    const { status, stdout, stderr } = runPromtool(['test', 'rules', join(directory, 'test.yaml')]);
    return status === 0 ? [] : parseFiring(`${stdout}${stderr}`);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Runs promtool with an input. */
export function runPromtool(argv: readonly string[], input = '') {
  return spawnSync(findTool('promtool'), argv, { input, encoding: 'utf8' });
}

/** Reads the labels of promtool's `got:[ 0: Labels:{…} Annotations:{…} ]`. */
function parseFiring(output: string): readonly Readonly<Record<string, string>>[] {
  const [, got] = output.split('got:');
  if (got === undefined) {
    throw new Error(output);
  }
  return [...got.matchAll(/Labels:\{([^}]*)\}/g)].map(([, labels = '']) =>
    Object.fromEntries(
      [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]),
    ),
  );
}
