// Runs the checks and test suites and adds them up. `--quick` leaves out what needs a database, root or minutes;
// `--endurance` runs what takes minutes and nothing else, or the part of it that words after it select. The whole run
// happens in network, mount, PID, IPC and UTS namespaces of its own: whatever a test leaves behind, even when it is
// killed, ends with them.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPostgres, startPostgres } from './postgres.ts';

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

const root = join(import.meta.dirname, '..');
const quick = process.argv.includes('--quick');
const enduranceAt = process.argv.indexOf('--endurance');
const inCi = process.env['CI'] === 'true';
const isRoot = process.getuid?.() === 0;
const inSandbox = process.env['NEUTRONIUM_TEST_SANDBOX'] === '1';

/** What the compiler remembers of an earlier run, so that the next one looks only at what has changed. */
const typesSeen = 'node_modules/.cache/neutronium.tsbuildinfo';

/** Checks that pass or fail as a whole; each counts as one test. */
const checks: readonly { name: string; command: readonly string[] }[] = [
  {
    name: 'types',
    command: [
      'node_modules/.bin/tsc',
      '--noEmit',
      '-p',
      'tsconfig.json',
      '--incremental',
      '--tsBuildInfoFile',
      typesSeen,
    ],
  },
  {
    name: 'lint',
    command: ['node_modules/.bin/oxlint', '--type-aware', '--deny-warnings', 'packages', 'test', 'tools', 'bench'],
  },
  { name: 'format', command: ['node_modules/.bin/oxfmt', '--check', '.'] },
  { name: 'dead code', command: ['node_modules/.bin/knip'] },
  { name: 'generated files', command: ['node', 'tools/generate-reference.ts', '--check'] },
];

if (!quick && isRoot && !inSandbox) {
  process.exitCode = await runInSandbox();
} else {
  process.exitCode = await main();
}

/** The command as the first process of new namespaces; when it ends, the kernel ends the rest. */
function sandboxed(command: readonly string[]): readonly string[] {
  const namespaces = ['--net', '--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child', '--mount-proc'];
  const script = 'ip link set lo up && exec "$@"';
  return ['unshare', ...namespaces, '--propagation', 'private', 'sh', '-c', script, 'sh', ...command];
}

/** The same run again, in a sandbox. */
async function runInSandbox(): Promise<number> {
  const [program = '', ...rest] = sandboxed([process.execPath, ...process.argv.slice(1)]);
  const child = spawn(program, rest, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, NEUTRONIUM_TEST_SANDBOX: '1' },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

async function main(): Promise<number> {
  const total: Tally = { passed: 0, failed: 0, skipped: 0 };
  const add = (part: Tally) => {
    total.passed += part.passed;
    total.failed += part.failed;
    total.skipped += part.skipped;
  };
  const rootless = async (): Promise<void> => {
    add(await withPostgres((env) => runSuite('store', { env })));
    add(await runSuite('contract'));
  };
  if (enduranceAt >= 0) {
    if (!isRoot) {
      console.log('endurance tests make namespaces, which needs root');
      return 1;
    }
    add(await runSuite('endurance', { patterns: process.argv.slice(enduranceAt + 1), isLive: true }));
  } else if (quick) {
    // Side by side: somebody waits.
    const [checked, unit] = await Promise.all([runChecks(), runSuite('unit')]);
    for (const part of [...checked, unit]) add(part);
  } else {
    for (const part of await runChecks()) add(part);
    add(await runSuite('unit'));
    // System tests wait for most of their time: half of them, the other half and all that needs no root go side by side.
    const lanes = [rootless()];
    if (isRoot) lanes.push(...['1/2', '2/2'].map(async (shard) => add(await runSuite('system', { shard }))));
    else add(missing('system tests: they make namespaces, which needs root'));
    await Promise.all(lanes);
  }
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.failed === 0 ? 0 : 1;
}

/** A part that this machine cannot run: said aloud, and in CI a failure. */
function missing(what: string): Tally {
  console.log(`SKIPPED ${what}`);
  return inCi ? { passed: 0, failed: 1, skipped: 0 } : { passed: 0, failed: 0, skipped: 1 };
}

async function runChecks(): Promise<Tally[]> {
  const queue = [...checks];
  const results: Tally[] = [];
  const worker = async () => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) {
      const started = performance.now();
      const { code, output } = await capture(check.command);
      console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${check.name} (${secondsSince(started)} s)`);
      if (code !== 0) console.log(output);
      results.push({ passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 });
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, cpus().length) }, worker));
  return results;
}

async function withPostgres(run: (env: Record<string, string>) => Promise<Tally>): Promise<Tally> {
  const bin = findPostgres();
  if (bin === undefined) {
    const absent = missing('the store on PostgreSQL: the Debian package postgresql is not installed');
    const tally = await run({});
    return {
      passed: tally.passed,
      failed: tally.failed + absent.failed,
      skipped: tally.skipped + absent.skipped,
    };
  }
  const server = await startPostgres(bin);
  try {
    return await run({ NEUTRONIUM_TEST_POSTGRES: server.url });
  } finally {
    await server.stop();
  }
}

interface SuiteOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What selects files; all of them where it is left out. */
  readonly patterns?: readonly string[];
  /** A part of the files, `1/2`, that runs in a sandbox of its own: other parts run at the same time. */
  readonly shard?: string;
  /** Whether what it says is printed at once, and not when it has ended, so that two do not talk at the same time. */
  readonly isLive?: boolean;
}

/** One vitest project. Its own report on the console, its figures from the JSON beside it. */
async function runSuite(
  project: string,
  { env = {}, patterns = [], shard, isLive = false }: SuiteOptions = {},
): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), 'nn-test-'));
  const report = join(folder, 'report.json');
  const reporter = inCi || quick ? 'dot' : 'default';
  const part = shard === undefined ? [] : [`--shard=${shard}`];
  const options = ['run', ...patterns, '--project', project, ...part, `--reporter=${reporter}`, '--reporter=json'];
  const command = ['node_modules/.bin/vitest', ...options, `--outputFile.json=${report}`];
  const started = performance.now();
  const whole = shard === undefined ? command : sandboxed(command);
  const { code, output } = isLive ? await follow(whole) : await capture(whole, env);
  const name = [project, 'tests', ...(shard === undefined ? [] : [shard])].join(' ');
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${secondsSince(started)} s)`);
  if (!quick || code !== 0) console.log(output);
  const tally = parseReport(await readFile(report, 'utf8').catch(() => ''));
  await rm(folder, { recursive: true, force: true });
  // A file that could not be loaded, or an error outside any test, fails the run without a failed test.
  if (code !== 0 && tally.failed === 0) tally.failed = 1;
  if (inCi && tally.skipped > 0) {
    console.log(`${project}: ${tally.skipped} skipped; in CI that is a failure`);
    return { passed: tally.passed, failed: tally.failed + tally.skipped, skipped: 0 };
  }
  return tally;
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly { readonly assertionResults: readonly Assertion[] }[];
}
interface Assertion {
  readonly fullName: string;
  readonly status: string;
}

function parseReport(text: string): Tally {
  if (text === '') return { passed: 0, failed: 1, skipped: 0 };
  // The shape is vitest's JSON reporter's, which is Jest's.
  const report = JSON.parse(text) as VitestReport;
  const skipped = report.testResults
    .flatMap((file) => file.assertionResults)
    .filter((test) => test.status !== 'passed' && test.status !== 'failed');
  for (const test of skipped) console.log(`SKIPPED ${test.fullName}`);
  return { passed: report.numPassedTests, failed: report.numFailedTests, skipped: skipped.length };
}

/** Runs a command whose output is ours. */
async function follow(command: readonly string[]): Promise<{ code: number; output: string }> {
  const [program = '', ...rest] = command;
  const child = spawn(program, rest, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  return { code: code ?? 1, output: '' };
}

function secondsSince(started: number): string {
  return ((performance.now() - started) / 1000).toFixed(1);
}

async function capture(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number; output: string }> {
  const [program = '', ...rest] = command;
  const child = spawn(program, rest, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? 1, output };
}
