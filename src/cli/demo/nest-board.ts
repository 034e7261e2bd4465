import type { Station } from '../../daemon.ts';
import { operatorText } from '../../foundation/operator-text.ts';
import type { FaultCode } from '../../foundation/faults.ts';
import { nestStateOf } from '../../nest/nest-state.ts';
import type { Alarm, NestState, Notice, StationEvent } from '../../nest/station-event.ts';
import type { RunResult } from '../../nest/run/run-result.ts';
import { progressText } from '../terminal/progress-bar.ts';
import type { TerminalOutput } from '../terminal/terminal-output.ts';

const labelColumns = 8;
/** Takes away what is left of a longer line. */
const endOfLine = '\u001b[K';

/** What the board needs of a station. */
interface ShownStation {
  readonly events: Station['events'];
  readonly nests: readonly Pick<Station['nests'][number], 'number' | 'state'>[];
}

/**
 * What an observer of the bench sees: one line for each thing that happened, and on a terminal below them one moving
 * line for each nest.
 */
export class NestBoard implements Disposable {
  readonly #output: TerminalOutput;
  readonly #plain: boolean;
  readonly #watch: Disposable;
  readonly #states = new Map<number, NestState>();
  #drawn: readonly string[] = [];

  /** @param plain no moving lines, also on a terminal */
  constructor(output: TerminalOutput, station: ShownStation, plain: boolean) {
    this.#output = output;
    this.#plain = plain || output.errColumns === null;
    for (const { number, state } of station.nests) this.#states.set(number, nestStateOf(number, state));
    this.#watch = station.events.subscribe((event) => this.#take(event));
    this.#draw('');
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }

  #take(event: StationEvent): void {
    switch (event.kind) {
      case 'nestState':
        this.#states.set(event.state.nest, event.state);
        this.#draw('');
        return;
      case 'runStarted':
        this.#line(`nest ${event.opening.nest ?? 0}  started`);
        return;
      case 'runResult':
        this.#line(resultText(event.result));
        return;
      case 'jobLoaded':
        return;
      case 'notice':
        this.#line(noticeText(event.notice));
        return;
      case 'alarm':
        if (!comesAsNotice(event.alarm)) this.#line(alarmText(event.alarm));
        return;
    }
  }

  #line(text: string): void {
    this.#draw(`${text}${this.#plain ? '' : endOfLine}\n`);
  }

  /** Puts lines above the moving ones and brings those up to date, in one write, so that nothing flickers. */
  #draw(above: string): void {
    const lines = this.#plain ? [] : this.#board(this.#output.errColumns ?? 0, this.#output.errRows ?? Infinity);
    if (above === '' && lines.join() === this.#drawn.join()) return;
    const up = this.#drawn.length === 0 ? '' : `\u001b[${this.#drawn.length}A\r`;
    this.#output.err(up + above + lines.map((line) => `${line}${endOfLine}\n`).join(''));
    this.#drawn = lines;
  }

  /** One line for each nest, as many as the terminal shows at once: a line that has left the screen cannot move. */
  #board(columns: number, rows: number): string[] {
    const lines = [...this.#states.values()].sort((a, b) => a.nest - b.nest).map((state) => stateText(state, columns));
    const room = Math.max(1, rows - 2);
    return lines.length <= room ? lines : [...lines.slice(0, room - 1), `and ${lines.length - room + 1} more`];
  }
}

function resultText({ nest, outcome, code, unit, ms_total: total }: RunResult): string {
  const verdict = code === null ? outcome : `${outcome}  ${codeText(code as FaultCode)}`;
  return `nest ${nest ?? 0}  ${verdict}  ${unit}  ${(total / 1_000).toFixed(1)} s`;
}

function noticeText({ nest, code, detail }: Notice): string {
  return `${nest === null ? 'station' : `nest ${nest}`}  ${code === null ? detail : `${codeText(code)} (${detail})`}`;
}

/** Of these the beginning, and of the stop the end, are notices. */
function comesAsNotice({ slug }: Alarm): boolean {
  return slug === 'estop' || slug.startsWith('button-stuck-');
}

function alarmText({ nest, slug, active, code, detail }: Alarm): string {
  const alarm = `${nest === null ? 'station' : `nest ${nest}`}  alarm ${slug}`;
  // Only who has unlocked something is news; else the detail is that of the beginning.
  if (!active) return `${alarm} has ended${code === 'S07' ? `. ${detail}` : ''}`;
  // Many runs ended with this code: what the operator reads after one of them would be misleading.
  if (code === null || slug === 'same-code') return `${alarm}: ${detail}`;
  return `${alarm}: ${codeText(code)} (${detail})`;
}

function codeText(code: FaultCode): string {
  return `${code}  ${operatorText(code, 'en')}`;
}

function stateText({ nest, state, phase, progress, code }: NestState, columns: number): string {
  const label = `[${nest}]`.padEnd(labelColumns);
  // Only writing has a share that grows; a bar at 0 % in the other phases would look like a standstill.
  if (progress !== null) return label + progressText(phase ?? state, progress, columns - labelColumns);
  const shown = code === null ? (phase ?? state) : `${state}  ${codeText(code)}`;
  return `${label}${shown}`.slice(0, columns - 1);
}
