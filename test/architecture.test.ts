import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const source = join(root, 'src');

/** The two interfaces to the hardware, which more folders may know than the folders they are in. */
const interfaces = ['serial/serial-link.ts', 'gpio/line.ts'];
const everything = [
  'foundation',
  'chips',
  'serial',
  'gpio',
  'bootloader',
  'firmware',
  'nest',
  'ledger',
  'mqtt',
  'alarms',
  'web',
  'config',
  'simulator',
  'cli',
  'daemon',
];

/** Who may import whom; `types:` allows only `import type`. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  foundation: [],
  chips: ['foundation'],
  serial: ['foundation'],
  gpio: ['foundation'],
  config: ['foundation'],
  firmware: ['foundation', 'chips'],
  bootloader: ['foundation', 'chips', ...interfaces],
  nest: ['foundation', 'chips', 'firmware', 'bootloader', ...interfaces],
  ledger: ['foundation', 'types:nest'],
  mqtt: ['foundation', 'ledger', 'types:nest'],
  alarms: ['foundation', 'ledger', 'types:nest'],
  web: ['foundation', 'ledger', 'types:nest'],
  simulator: ['foundation', 'chips', ...interfaces],
  // The composition root: what is wired together, but no command.
  daemon: everything.filter((name) => name !== 'cli' && name !== 'simulator'),
  cli: everything.filter((name) => name !== 'main'),
  main: ['cli'],
};

/** Packages that one file alone may load as values. */
const single: Readonly<Record<string, string>> = {
  '@serialport/bindings-cpp': 'serial/port-driver.ts',
  onoff: 'gpio/onoff-driver.ts',
  mqtt: 'mqtt/publisher.ts',
  aedes: 'mqtt/embedded-broker.ts',
  'better-sqlite3': 'ledger/file/database.ts',
  pino: 'foundation/logger.ts',
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly types: boolean;
}

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
const imports = files.flatMap(importsOf);

function importsOf(file: string): Import[] {
  const text = readFileSync(join(source, file), 'utf8');
  const statements = [...text.matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from\s+'([^']+)'/gm)];
  // Also `createRequire(…)('name')` and `requireThere('name')`.
  const loads = [...text.matchAll(/(?:\bimport\(?|\)\(|\brequire\w*\()\s*'([^']+)'/g)];
  return [
    ...statements.map(([, type, to]) => ({ from: file, to: to!, types: type !== undefined })),
    ...loads.map(([, to]) => ({ from: file, to: to!, types: false })),
  ].filter(({ to }) => !to.endsWith('.json'));
}

/** The folder of a file; the files beside the folders are rooms of their own. */
function roomOf(file: string): string {
  const [first = ''] = file.split('/');
  return first.replace(/\.ts$/, '');
}

function isAllowed({ from, to, types }: Import): boolean {
  const target = relative(source, resolve(dirname(join(source, from)), to));
  const room = roomOf(from);
  if (roomOf(target) === room) return true;
  const allowed = mayImport[room] ?? [];
  return (
    allowed.includes(roomOf(target)) ||
    allowed.includes(target) ||
    (types && allowed.includes(`types:${roomOf(target)}`))
  );
}

test('there is source to look at', () => {
  expect(files.length).toBeGreaterThan(50);
  expect(imports.length).toBeGreaterThan(200);
});

test('every folder imports only what the table allows', () => {
  const wrong = imports.filter(({ to }) => to.startsWith('.')).filter((each) => !isAllowed(each));
  expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
});

test('foundation needs nothing but Node and the log', () => {
  const wrong = imports.filter(
    ({ from, to }) => roomOf(from) === 'foundation' && !to.startsWith('.') && !to.startsWith('node:') && to !== 'pino',
  );
  expect(wrong).toEqual([]);
});

test.for(Object.entries(single))('%s is loaded by one file only', ([name, owner]) => {
  const users = imports.filter(({ to, types }) => to === name && !types).map(({ from }) => from);
  expect([...new Set(users)]).toEqual([owner]);
});

test('no source file is above 250 lines', () => {
  const long = files
    .map((file) => ({ file, lines: readFileSync(join(source, file), 'utf8').split('\n').length - 1 }))
    .filter(({ lines }) => lines > 250);
  expect(long).toEqual([]);
});

test('the table refuses what it should refuse', () => {
  const bad: readonly Import[] = [
    { from: 'simulator/chip.ts', to: '../bootloader/slip.ts', types: false },
    { from: 'ledger/ledger.ts', to: '../nest/run.ts', types: false },
    { from: 'bootloader/loader.ts', to: '../serial/node-serial-link.ts', types: false },
    { from: 'daemon.ts', to: './cli/demo.ts', types: false },
  ];
  expect(bad.filter(isAllowed)).toEqual([]);
});
