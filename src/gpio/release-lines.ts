import type { LineDriver, LineSpec } from './line.ts';

/** A line of the station, as far as it must be known to be released. */
export interface NamedLine {
  readonly spec: LineSpec;
  /** As errors name it: "nest 1 rst". */
  readonly use: string;
  readonly direction: 'in' | 'out';
  /** It switches the supply of a module. */
  readonly feeds?: boolean;
}

/**
 * Opens each line, which makes it inactive, and lets go of it. All at once: one line that keeps its permissions back
 * for two seconds must not add to the next. Only supplies wait for the others: nothing is to be driven into a module
 * that has lost its own (production reference, appendix on power).
 * @returns why lines could not be had; their order is that of the lines, supplies last
 */
export async function releaseLines(lines: readonly NamedLine[], driver: LineDriver): Promise<readonly unknown[]> {
  const problems: unknown[] = [];
  for (const feeds of [false, true]) {
    const ends = await Promise.allSettled(
      lines
        .filter((line) => (line.feeds ?? false) === feeds)
        .map(async ({ spec, use, direction }) => {
          using _line = await (direction === 'in' ? driver.openInput(spec, use) : driver.openOutput(spec, use));
        }),
    );
    problems.push(...ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : [])));
  }
  return problems;
}
