import type { Station } from '../daemon.ts';
import { faultKind } from '../foundation/faults.ts';
import type { FaultCode } from '../foundation/faults.ts';
import type { NestState, StationEvent } from '../nest/station-event.ts';
import type { RunResult } from '../nest/run-result.ts';
import { progressText } from './progress-bar.ts';
import type { TerminalOutput } from './terminal-output.ts';

const labelColumns = 8;

/**
 * What an observer of the bench sees: one line for each thing that happened, and on a terminal below them one moving
 * line for each nest.
 */
export class NestBoard implements Disposable {
  readonly #output: TerminalOutput;
  readonly #plain: boolean;
  readonly #watch: Disposable;
  readonly #states = new Map<number, NestState>();
  #drawn = 0;

  /** @param plain no moving lines, also on a terminal */
  constructor(output: TerminalOutput, events: Station['events'], plain: boolean) {
    this.#output = output;
    this.#plain = plain || output.errColumns === null;
    this.#watch = events.subscribe((event) => this.#take(event));
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }

  #take(event: StationEvent): void {
    switch (event.kind) {
      case 'nestState':
        this.#states.set(event.state.nest, event.state);
        this.#draw();
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
        this.#line(`nest ${event.notice.nest}  ${codeText(event.notice.code)} (${event.notice.detail})`);
        return;
    }
  }

  #line(text: string): void {
    this.#clear();
    this.#output.err(`${text}\n`);
    this.#draw();
  }

  #clear(): void {
    if (this.#drawn > 0) this.#output.err(`\u001b[${this.#drawn}A\r\u001b[J`);
    this.#drawn = 0;
  }

  #draw(): void {
    const columns = this.#output.errColumns;
    if (this.#plain || columns === null) return;
    this.#clear();
    const states = [...this.#states.values()].sort((a, b) => a.nest - b.nest);
    for (const state of states) this.#output.err(`${stateText(state, columns)}\n`);
    this.#drawn = states.length;
  }
}

function resultText({ nest, outcome, code, unit, ms_total: total }: RunResult): string {
  const verdict = code === null ? outcome : `${outcome}  ${codeText(code as FaultCode)}`;
  return `nest ${nest ?? 0}  ${verdict}  ${unit}  ${(total / 1_000).toFixed(1)} s`;
}

function codeText(code: FaultCode): string {
  return `${code}  ${faultKind(code).operator}`;
}

function stateText({ nest, state, phase, progress, code }: NestState, columns: number): string {
  const label = `[${nest}] `.padEnd(labelColumns);
  if (state !== 'running') return `${label}${state}${code === null ? '' : `  ${codeText(code)}`}`.slice(0, columns - 1);
  return label + progressText(phase ?? 'running', progress ?? 0, columns - labelColumns);
}
