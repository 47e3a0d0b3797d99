// One figure of the benchmark, and the two ways in which it is shown.

export interface Result {
  /** Begins with its area: `api.`, `agent.`, … */
  readonly id: string;
  readonly value: number;
  readonly unit: string;
  /** What the project wants, in words; null for a figure that is only there to compare with. */
  readonly goal: string | null;
  readonly met: boolean | null;
}

/** Several figures that share one setting up. */
export interface Benchmark {
  readonly ids: readonly string[];
  run(wanted: (id: string) => boolean): Promise<readonly Result[]>;
}

/** `value` against "at most" or "at least" a goal. */
export function judged(figure: { id: string; value: number; unit: string; atMost?: number; atLeast?: number }): Result {
  const { id, value, unit, atMost, atLeast } = figure;
  const rounded = Number(value.toPrecision(4));
  if (atMost !== undefined) return { id, value: rounded, unit, goal: `≤ ${atMost}`, met: value <= atMost };
  if (atLeast !== undefined) return { id, value: rounded, unit, goal: `≥ ${atLeast}`, met: value >= atLeast };
  return { id, value: rounded, unit, goal: null, met: null };
}

export function renderTable(results: readonly Result[]): string {
  const rows = results.map(({ id, value, unit, goal, met }) => [
    id,
    String(value),
    unit,
    goal ?? '',
    met === null ? '' : met ? 'yes' : 'NO',
  ]);
  const table = [['id', 'value', 'unit', 'goal', 'met'], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The value below which `share` (0..1) of `values` lie, by the nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
