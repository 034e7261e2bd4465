import type { Application } from './chip-options.ts';
import { LineSink } from '../uart/line-sink.ts';
import type { Exit, Machine } from './machine.ts';
import type { Program } from './processor.ts';

/** The first byte of init data; protocol reference §7.6. */
const INIT_DATA_MARK = 0x05;
const BLANK = 0xff;
const SECTOR_BYTES = 0x1000;
/** From a complaint of the SDK to the restart, estimate. */
const COMPLAINT_MS = 300;
const FORMATTED = 0x10;

/**
 * The application from its first instruction on.
 *
 * @param say sends at a rate of its own
 * @param earlier how often it was started since the last reset by hardware
 */
export function* runApplication(
  application: Application,
  machine: Machine,
  say: (text: string, baud: number) => void,
  earlier: number,
): Program<Exit> {
  const { banner, baud, restarts } = application;
  const complaint = radioComplaint(application, machine);
  if (complaint !== null) {
    say(complaint, machine.uart.baud);
    yield { always: COMPLAINT_MS };
    return { to: 'software-reset', cause: 2 };
  }
  yield* format(application, machine);
  say(banner, baud);
  if (restarts !== undefined && earlier < (restarts.times ?? Infinity)) {
    yield { always: restarts.afterMs };
    const { lastWords = '' } = restarts;
    say(lastWords, baud);
    yield (lastWords.length * 10_000) / baud;
    return { to: 'software-reset', cause: restarts.cause };
  }
  return yield* answerLines(application, machine, say);
}

function radioComplaint({ radioData }: Application, { flash }: Machine): string | null {
  if (radioData === undefined) return null;
  const first = flash.read(radioData.initData, 1)[0] ?? BLANK;
  const isRight = first === INIT_DATA_MARK && flash.isBlank(radioData.calibration, SECTOR_BYTES);
  return isRight ? null : `rf_cal[0] !=0x05,is 0x${first.toString(16).toUpperCase().padStart(2, '0')}\n`;
}

function* format({ fileSystem }: Application, { flash }: Machine): Program {
  if (fileSystem === undefined || flash.read(fileSystem.address, 1)[0] !== BLANK) return;
  yield fileSystem.formatMs;
  flash.enableWrite(true);
  flash.program(fileSystem.address, Uint8Array.of(FORMATTED));
}

function* answerLines(
  { answers, baud }: Application,
  { uart }: Machine,
  say: (text: string, baud: number) => void,
): Program<Exit> {
  if (answers === undefined) for (;;) yield 'forever';
  uart.divider = Math.round(uart.clockHz / baud);
  uart.open(new LineSink());
  for (;;) {
    const line = Buffer.from(yield 'frame').toString();
    say(`${line}\r\n`, baud);
    const known = answers.find((each) => each.line === line);
    if (known === undefined) continue;
    yield known.afterMs ?? 0;
    say(known.answer, baud);
  }
}
