// Reads what `tempest run` prints: one line per test (`{0} name [0.1s] ... ok`), failed ones also class-wide
// (`setUpClass (name) ... FAILED`), and after a failure its captured trace.

export interface TempestResults {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
}

const line = /^\{\d+\} (?<test>.+?) (?:\[[\d.]+s\] )?\.\.\. (?<outcome>ok|FAILED|SKIPPED)/;

/** The outcome of every test that `output` tells of. A name told twice (a retry) keeps the later outcome. */
export function parseTempestOutput(output: string): TempestResults {
  const outcomes = new Map<string, string>();
  for (const text of output.split('\n')) {
    const { test, outcome } = line.exec(text)?.groups ?? {};
    if (test !== undefined && outcome !== undefined) outcomes.set(test, outcome);
  }
  const withOutcome = (wanted: string) =>
    [...outcomes].filter(([, outcome]) => outcome === wanted).map(([test]) => test);
  return { passed: withOutcome('ok'), failed: withOutcome('FAILED'), skipped: withOutcome('SKIPPED') };
}
