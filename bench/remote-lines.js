import { tellBench } from './client.js';

/**
 * The line driver of a station in a process of its own: every line is one of the bench.
 * @returns {import('../src/gpio/line.ts').LineDriver}
 */
export function remoteLines() {
  /** @type {Map<number, { active: boolean, listeners: Set<(active: boolean) => void> }>} */
  const inputs = new Map();
  process.on('message', (/** @type {any} */ { bcm, active }) => {
    const input = inputs.get(bcm);
    if (input === undefined) return;
    input.active = active;
    for (const listener of input.listeners) listener(active);
  });
  return {
    description: 'lines of the bench',
    openOutput: async (spec, use) => {
      tellBench({ open: 'output', spec, use });
      return {
        set: (active) => tellBench({ set: spec.bcm, active }),
        [Symbol.dispose]: () => undefined,
      };
    },
    openInput: async (spec, use) => {
      const input = { active: false, listeners: new Set() };
      inputs.set(spec.bcm, input);
      tellBench({ open: 'input', spec, use });
      return {
        read: () => input.active,
        watch: (listener) => {
          input.listeners.add(listener);
          return { [Symbol.dispose]: () => void input.listeners.delete(listener) };
        },
        [Symbol.dispose]: () => undefined,
      };
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/**
 * The bench's end: opens the lines that the station asks for and carries levels both ways.
 * @param {import('../src/gpio/line.ts').LineDriver} lines
 */
export function serveLines(lines) {
  /** @type {Map<number, Promise<import('../src/gpio/line.ts').OutputLine>>} */
  const outputs = new Map();
  return async (/** @type {any} */ message, /** @type {import('node:child_process').ChildProcess} */ station) => {
    const { open, spec, use, set, active } = message;
    if (open === 'output') outputs.set(spec.bcm, lines.openOutput(spec, use));
    if (open === 'input') {
      const input = await lines.openInput(spec, use);
      // A station that has ended needs no levels any more; the callback takes that error.
      input.watch((level) => station.send({ bcm: spec.bcm, active: level }, () => undefined));
    }
    if (set !== undefined) (await outputs.get(set))?.set(active);
  };
}
