// What a ping says about the time in which it ran.

export interface PingSummary {
  readonly sent: number;
  /** Requests without an answer. The last one is not counted: it may have been on its way when ping was stopped. */
  readonly lost: number;
  /** Requests without an answer before one that was answered: those after it may all have been on their way. */
  readonly overtaken: number;
  /** The numbers of those, in order: requests are sent at even intervals, so they say when it was. */
  readonly overtakenNumbers: readonly number[];
  /** The longest time without an answer, in milliseconds. */
  readonly longestGapMs: number;
  /** When the last answer came, in milliseconds since 1970; null when none did. */
  readonly lastAnswerMs: number | null;
}

/** Reads the output of `ping -D` (iputils): one line with a time stamp per answer, a summary at the end. */
export function parsePing(output: string): PingSummary {
  const answers = [...output.matchAll(/^\[(?<time>\d+\.\d+)\] \d+ bytes from .*icmp_seq=(?<number>\d+)/gm)];
  const times = answers.map(({ groups }) => Number(groups?.['time']) * 1000);
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const sent = Number(/(\d+) packets transmitted/.exec(output)?.[1]);
  const answered = new Set(answers.map(({ groups }) => Number(groups?.['number'])));
  const last = Math.max(0, ...answered);
  const overtakenNumbers = Array.from({ length: last }, (_, at) => at + 1).filter((number) => !answered.has(number));
  answered.delete(sent);
  return {
    sent,
    lost: sent - 1 - answered.size,
    overtaken: overtakenNumbers.length,
    overtakenNumbers,
    longestGapMs: Math.max(0, ...gaps),
    lastAnswerMs: times.at(-1) ?? null,
  };
}
