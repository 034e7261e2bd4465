/** What a life said, and what it means for what it left behind. */
export interface LifeStory {
  /** Runs after whose start the green lamp of the nest was lit. */
  readonly green: readonly string[];
  /** Lines that are driven or lit at the end, as "1.rst". */
  readonly left: ReadonlySet<string>;
  readonly runsStarted: number;
  readonly isReady: boolean;
  /** Nests that showed S05 when the station was ready. */
  readonly redo: readonly number[];
  /** What no station may do. */
  readonly problems: readonly string[];
}

/** @param before lines that the life before left driven or lit */
export function storyOf(lines: readonly string[], before: ReadonlySet<string>): LifeStory {
  const left = new Set(before);
  const inherited = new Set(before);
  const pressed = new Set<string>();
  const runs = new Map<string, string>();
  const green: string[] = [];
  const redo: number[] = [];
  const problems: string[] = [];
  let isReady = false;
  let runsStarted = 0;
  for (const line of lines) {
    const [what = '', nest = '', name = '', value = ''] = line.split(' ');
    if (what === 'ready') isReady = true;
    else if (what === 'press') pressed.add(nest);
    else if (what === 'state' && !isReady && value === 'S05') redo.push(Number(nest));
    else if (what === 'run') {
      runsStarted += 1;
      runs.set(nest, name);
      if (!pressed.has(nest)) problems.push(`nest ${nest} started by itself`);
    } else if (what === 'line') {
      const id = `${nest}.${name}`;
      if (value === 'off') {
        left.delete(id);
        inherited.delete(id);
        continue;
      }
      left.add(id);
      if (inherited.size > 0)
        problems.push(`${id} is on before ${[...inherited].join(', ')} of the life before is off`);
      if (['rst', 'gpio0', 'pass'].includes(name) && !pressed.has(nest)) problems.push(`${id} is on before a press`);
      if (name === 'pass') green.push(runs.get(nest) ?? `${id} without a run`);
    }
  }
  if (isReady && inherited.size > 0) problems.push(`still on when ready: ${[...inherited].join(', ')}`);
  return { green, left, runsStarted, isReady, redo, problems };
}
