import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { temporaryFolder } from '../ledger/runs.ts';
import { jigd, JigdProcess } from './jigd-process.ts';

/** The command line in this process. */
async function run(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const printed = { out: '', err: '' };
  const code = await runCommandLine(['node', 'jigd', ...args], {
    out: (text) => void (printed.out += text),
    err: (text) => void (printed.err += text),
    errColumns: null,
  });
  return { code, ...printed };
}

test('the program prints its help with every command and ends with 0', async () => {
  const { code, out, err } = await jigd('--help');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const listed = [...out.matchAll(/^ {2}(\w[\w-]*) /gm)].map((match) => match[1]);
  expect(listed.filter((name) => name !== 'help')).toEqual([
    'run',
    'demo',
    'simulate',
    'flash',
    'verify',
    'erase',
    'read',
    'identify',
    'image',
    'job',
    'report',
    'runs',
    'trace',
    'export',
    'ledger',
    'status',
    'lock',
    'unlock',
    'release',
    'accept-part',
    'approve',
    'select-job',
    'sample',
    'acknowledge',
    'lines',
    'release-lines',
  ]);
});

test('a reader that goes away, as head does, is no fault', async () => {
  using running = new JigdProcess('--help');
  running.child.stdout.destroy();
  expect([await running.ended(), running.err]).toEqual([0, '']);
});

test('the program prints its version', async () => {
  expect(await run('--version')).toEqual({ code: 0, out: '0.1.0\n', err: '' });
});

test.for([
  { name: 'an unknown command', args: ['fly'], says: /unknown command 'fly'/ },
  { name: 'an unknown option', args: ['demo', '--nest', '3'], says: /unknown option '--nest'\n\(Did you mean --nests/ },
  { name: 'an option that is missing', args: ['simulate'], says: /required option '--link <\w+>'/ },
  {
    name: 'an export of everything',
    args: ['export', '--format', 'csv'],
    says: /say what to export: --lot, --since or --until/,
  },
  { name: 'a period named twice', args: ['report', '--shift', 'now', '--hours', '2'], says: /cannot be used/ },
  { name: 'a value that is none', args: ['demo', '--nests', 'many'], says: /from 1 to 99/ },
  { name: 'a value out of range', args: ['demo', '--faults', '2'], says: /0 to 1/ },
  { name: 'a broker without a protocol', args: ['demo', '--mqtt', 'broker'], says: /Expected mqtt:\/\/host:port/ },
  { name: 'a broker with another one', args: ['demo', '--mqtt', 'http://x'], says: /Expected mqtt:\/\/host:port/ },
  {
    name: 'options that exclude each other',
    args: ['demo', '--mqtt', 'mqtt://x', '--mqtt-port', '1'],
    says: /cannot be used/,
  },
  { name: 'an argument too many', args: ['identify', 'all'], says: /too many arguments/ },
])('$name is wrong usage: 2', async ({ args, says }) => {
  const { code, out, err } = await run(...args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(says);
  expect(err).toMatch(/\nAdd --help to see what is expected\.\n$/);
});

test('the exit code of wrong usage is that of the process', async () => {
  expect(await jigd('fly')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^error: unknown command 'fly'/) as string,
  });
});

test('no command at all prints the help as wrong usage', async () => {
  const { code, err } = await run();
  expect(code).toBe(2);
  expect(err).toMatch(/^Usage: jigd/);
});

test('work that failed is one sentence with its code and what to do, and 1', async () => {
  using folder = temporaryFolder();
  const { code, out, err } = await run('job', 'check', folder.file('none.yaml'));
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toMatch(/^J01 NO_JOB: The job file \S+ cannot be read: .+\n$/);
});

test.for([
  {
    name: 'a fault',
    args: ['job', 'check', 'none.yaml', '--json'],
    code: 1,
    record: {
      code: 'J01',
      name: 'NO_JOB',
      error: 'The job file none.yaml cannot be read: there is no such file.',
      action:
        'Correct the name that was given, or `job` in the station file: the name of a file in `jobs`, without .yaml.',
    },
  },
  {
    name: 'a mistake in a file',
    args: ['status', '--config', 'none.yaml', '--json'],
    code: 78,
    record: {
      code: null,
      name: 'CONFIG_INVALID',
      error: 'none.yaml:1:1: cannot be read: there is no such file.',
      action: null,
    },
  },
])('with --json $name is one object for programs, and its sentence stays on standard error', async (row) => {
  const { code, out, err } = await run(...row.args);
  expect(code).toBe(row.code);
  expect(JSON.parse(out)).toEqual(row.record);
  expect(err).toContain(row.record.error);
});

test.for(['report', 'runs', 'trace 5ccf7f123456', 'export --lot L1 --format csv'])(
  '%s without a ledger is one plain sentence, and 1',
  async (command) => {
    using folder = temporaryFolder();
    const { code, out, err } = await run(...command.split(' '), '--ledger', folder.file('none.sqlite'));
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^There is no ledger at \S+none\.sqlite: the station makes it at its first start; .+\.\n$/);
  },
);

test('--verbose adds the stack trace', async () => {
  using folder = temporaryFolder();
  const { err } = await run('--verbose', 'runs', '--ledger', folder.file('none.sqlite'));
  expect(err).toMatch(/\n {4}at /);
});

test('sizes of the help are those that can be typed', async () => {
  for (const args of [['simulate'], ['job', 'check']]) {
    expect((await run(...args, '--help')).out.replaceAll(/\s+/g, ' ')).toContain('(default: 4MB)');
  }
});

// TypeScript leaves an import() as it is in a function whose `using` it rewrites.
test('no compiled module asks for one in TypeScript', () => {
  const dist = join(import.meta.dirname, '../../dist');
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'));
  expect(files).toContain('main.js');
  const asking = files.filter((file) => /\bimport\(['"][^'"]+\.ts['"]\)/.test(readFileSync(join(dist, file), 'utf8')));
  expect(asking).toEqual([]);
});

test('a nest of a station file that is not there is bad configuration', async () => {
  using folder = temporaryFolder();
  const { code, err } = await jigd('identify', '--nest', '1', '--config', folder.file('none.yaml'));
  expect(code).toBe(78);
  expect(err).toMatch(/none\.yaml:1:1: cannot be read/);
});
